import Accounts
import Bytes
import DatabaseServer
import HTTP
import Host
import Platform
import Web

/// `apus serve`: everything in one process, until a signal ends it.
enum ServeCommand: Command {
    static let name = "serve"
    static let summary = "runs everything in this process"
    static let help = HelpText(
        usage: "apus serve [OPTION ...]",
        summary: "Runs everything in this process: the pages, the API and the database.",
        options: [
            .data,
            Option(
                "listen", "HOST:PORT", default: "127.0.0.1:8080",
                "Where the pages and the API are. Port 0 takes a free one."),
            Option(
                "loops", "N", default: "\(min(ProcessFacts.cores, loopsMax))",
                "Event loops, each with a thread of its own; one a core by default."),
            Option(
                "signup", "open|invite|closed",
                "Who may make an account. Without it the operator's page decides, open at first. "
                    + "The first account can always be made; it is the operator's."),
            Option(
                "trusted-proxies", "ADDRESSES",
                "Addresses or blocks (10.0.0.0/8), with commas, of proxies in front, whose "
                    + "X-Forwarded-For and X-Forwarded-Proto count. None by default."),
            Option(
                "fetch-allow", "ADDRESS:PORT", repeats: true,
                "Outgoing requests refuse local and private addresses; this one they may reach."),
            Option(
                "memory", "MIB", default: "64",
                "Mebibytes for the tables' memory and the cache of blocks."),
            .logLevel,
            Option("log-format", "text|json", default: "text", "How lines of the log look."),
            Option("config", "FILE", "A TOML file with options by their names."),
        ],
        notes: """
            SIGTERM and SIGINT stop it: requests under way are finished first, within ten seconds.
            """)

    static let loopsMax = 64
    /// Descriptors for sorted sets, the log, loops and the control socket.
    private static let filesMax = 512
    /// Milliseconds that requests under way get to finish.
    private static let drainMilliseconds: UInt64 = 10_000

    static func run(_ words: [String], on loop: Loop) async throws -> Int32 {
        let arguments = try arguments(words, operandsMax: 0)
        let settings = try settings(arguments)
        let listen = try arguments.require("listen")
        guard let address = SocketAddress(listen) else {
            throw UsageError(
                "--listen is \"\(listen)\", but must be HOST:PORT with a numeric host, "
                    + "like 127.0.0.1:8080 or [::1]:8080")
        }
        var options = ServerOptions()
        if let text = arguments.string("trusted-proxies") {
            guard let proxies = TrustedProxies(text) else {
                throw UsageError("--trusted-proxies must be addresses or blocks, with commas")
            }
            options.trustedProxies = proxies
        }
        let assembly = try await Assembly.open(settings)
        do throws(CommandFailure) {
            try await serve(assembly, address, options, on: loop)
        } catch {
            await assembly.close()
            throw error
        }
        await assembly.close()
        return 0
    }

    private static func settings(_ arguments: Arguments) throws(UsageError) -> AssemblySettings {
        var settings = AssemblySettings(
            folder: try arguments.require("data"),
            loops: try arguments.integer("loops", in: 1...loopsMax))
        for text in arguments.strings("fetch-allow") {
            guard let address = SocketAddress(text) else {
                throw UsageError(
                    "--fetch-allow is \"\(text)\", but must be a numeric address and a port, "
                        + "like 127.0.0.1:9000")
            }
            settings.fetchAllowed.append(address)
        }
        settings.memoryBytes = try arguments.integer("memory", in: 8...1_048_576) << 20
        let modes = SignUpMode.allCases.map { $0.rawValue }
        if arguments.string("signup") != nil {
            settings.signUp = SignUpMode(rawValue: try arguments.choice("signup", of: modes))
        }
        let levels = LogLevel.allCases.map { $0.name }
        settings.logLevel = LogLevel(name: try arguments.choice("log-level", of: levels))!
        settings.logFormat = LogFormat(
            rawValue: try arguments.choice("log-format", of: ["text", "json"]))!
        return settings
    }

    private static func serve(
        _ assembly: Assembly, _ address: SocketAddress, _ options: ServerOptions, on loop: Loop
    ) async throws(CommandFailure) {
        let control = try assembly.startControl()
        let readiness = Readiness()
        var options = options
        let router = router(assembly, readiness)
        let meters = RouteMeters(router)
        assembly.machine.counts(by: meters)
        meters.expose(assembly.metrics)
        let measures = ProcessMetrics(metrics: assembly.metrics)
        measures.expose(assembly)
        let wire = WireCounts()
        options.wire = wire
        options.observer = RequestObserver(log: assembly.log, meters: meters)
        // Connections leave the files their descriptors.
        let descriptors = ProcessFacts.raiseDescriptorsMax()
        options.connectionsMax = min(options.connectionsMax, max(64, descriptors - filesMax))
        let server: HTTPServer
        do {
            server = try HTTPServer(assembly.loops, address, router, options)
        } catch {
            await control.drain(milliseconds: 0)
            throw CommandFailure("cannot listen at \(address): \(error)")
        }
        measures.expose(server, wire)
        let sampler = Sampler(
            capacity: assembly.capacity, jobs: assembly.jobs, workers: assembly.workers,
            folder: assembly.settings.folder, log: assembly.log)
        sampler.start(on: assembly.loops.loop(for: 0))
        readiness.set(true)
        StandardStreams.line("Apus is at http://\(server.address)/")
        let signal = await firstSignal(on: loop)
        assembly.log.info("stopping", ["signal": .text(signal)])
        readiness.set(false)
        await server.drain(milliseconds: drainMilliseconds)
        await control.drain(milliseconds: drainMilliseconds)
        await sampler.finish()
    }

    private static func router(_ assembly: Assembly, _ readiness: Readiness) -> Router {
        var options = SiteOptions()
        let (metrics, log, database) = (assembly.metrics, assembly.log, assembly.database)
        options.metrics = {
            var buffer = ByteBuffer(capacity: 16_384)
            metrics.render(into: &buffer)
            return String(decoding: buffer.array, as: UTF8.self)
        }
        options.isReady = { readiness.isReady && database.takesWrites }
        options.report = { failure, trace in
            log.error("a request failed", ["trace": .text(trace.text), "reason": .text(failure)])
        }
        var router = Router()
        let site = Site(
            database: assembly.database, clock: assembly.clock, jobs: assembly.jobs,
            accounts: assembly.accounts, bookmarks: assembly.bookmarks,
            capacity: assembly.capacity, options: options)
        site.register(on: &router)
        site.resumeErasing()
        return router
    }

    /// Waits for SIGTERM or SIGINT; a second one ends the process at once.
    private static func firstSignal(on loop: Loop) async -> String {
        await withCheckedContinuation { continuation in
            loop.post {
                let once = Locked(false)
                for (kind, name) in [(SignalKind.terminate, "SIGTERM"), (.interrupt, "SIGINT")] {
                    loop.onSignal(kind) {
                        let isFirst = once.withLock { seen in
                            defer { seen = true }
                            return !seen
                        }
                        guard isFirst else { StandardStreams.exit(1) }
                        continuation.resume(returning: name)
                    }
                }
            }
        }
    }
}

import Bytes
import Glibc
import Host
import Testing

@Suite("the process", .timeLimit(.minutes(1)), .serialized)
struct ProcessTests {
    @Test("a signal is an event of its loop, each time, and a drain can follow it")
    func signals() async throws {
        let loop = Loop(index: 0)
        let group = LoopGroup([loop])
        let listener = try Listener(group, .loopback(port: 0)) { echo($0) }
        let client = try await loop.probe(listener.address)
        let drains = Locked(0)
        let watchers = await loop.on {
            [SignalKind.terminate, .interrupt].map { kind in
                LoopBound(
                    loop,
                    loop.onSignal(kind) {
                        drains.withLock { $0 += 1 }
                        listener.stop()
                    })
            }
        }
        #expect(kill(getpid(), SIGTERM) == 0)
        while drains.withLock({ $0 }) < 1 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(kill(getpid(), SIGINT) == 0)
        while drains.withLock({ $0 }) < 2 { try await Task.sleep(for: .milliseconds(1)) }
        // New connections are refused, the open one is served to its end.
        while true {
            do throws(NetworkError) { _ = try await loop.probe(listener.address) } catch {
                if error == .refused(listener.address) { break }
            }
        }
        await loop.on {
            client.connection.write([5].bytes)
            client.connection.shutdown()
        }
        #expect(await client.wait { $0.closed > 0 }.received == [5])
        await loop.on { for watcher in watchers { watcher.value.cancel() } }
        loop.stop()
    }

    @Test("writing to a peer that is gone is an error, not the end of the process")
    func brokenPipe() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let listener = try Listener(group, .loopback(port: 0)) { connection in
                Probe(connection, onReceived: { connection, _ in connection.close() })
            }
            let client = try await loop.probe(listener.address) { connection in
                Probe(connection, onPeerClosed: { _ in })
            }
            await loop.on { client.connection.write([1].bytes) }
            await client.wait { $0.peerClosed > 0 || $0.closed > 0 }
            while client.seen.withLock({ $0.closed == 0 }) {
                await loop.on { client.connection.write([1].bytes) }
                await loop.pause()
            }
            let seen = client.seen.withLock { $0 }
            #expect(seen.failure == .reset && seen.closed == 1 && seen.late == 0)
        }
    }

    @Test("an Argon2id hash is the reference's, and only its password opens it")
    func passwords() throws {
        // Of the reference implementation's own test.c, with 64 MiB.
        let published =
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(try PasswordHash.verify("password", against: published))
        // By the Python binding argon2-cffi 25.
        let parameters = PasswordHash.Parameters(memoryKiB: 64, passes: 2, lanes: 1)
        let known =
            "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Gpj7qOY5RCXJvcMzqcdQqvgR3wcPX7SleI4c9NtXk6E"
        let salt = Array("somesaltsomesalt".utf8)
        #expect(try PasswordHash.make("password", salt: salt, parameters: parameters) == known)
        #expect(try PasswordHash.verify("password", against: known))
        #expect(try !PasswordHash.verify("passwort", against: known))
        #expect(try !PasswordHash.verify("", against: known))
        #expect(PasswordHash.parameters(of: known) == parameters)

        let standard = try PasswordHash.make("pä\u{0}ss", salt: SystemRandom().bytes(16))
        #expect(standard.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try PasswordHash.verify("pä\u{0}ss", against: standard))
        #expect(try !PasswordHash.verify("pä", against: standard))
        #expect(PasswordHash.parameters(of: standard) == .standard)

        let long = String(repeating: "x", count: 1_025)
        #expect(throws: PasswordError.tooLong(bytes: 1_025)) {
            try PasswordHash.make(long, salt: salt)
        }
        #expect(throws: PasswordError.tooLong(bytes: 1_025)) {
            try PasswordHash.verify(long, against: known)
        }
    }

    @Test(
        "a stored hash that is not ours, or would take the machine, is refused",
        arguments: [
            "", "$", "password", "$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQ$AAAA",
            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=64,t=100000,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=64,t=2,p=0$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=64,t=2,p=1$%%%$AAAA", "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ",
            "$argon2id$v=16$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
        ])
    func malformedHashes(stored: String) {
        #expect(throws: PasswordError.malformed) {
            try PasswordHash.verify("password", against: stored)
        }
    }

    @Test("the facts of the process are plausible, and the clocks run")
    func facts() async throws {
        #expect(ProcessFacts.cores >= 1)
        #expect(ProcessFacts.residentBytes > 1 << 20)
        #expect(ProcessFacts.descriptorsMax > 0)
        let before = ProcessFacts.openDescriptors
        let descriptors = (0..<200).map { _ in unsafe open("/dev/null", O_RDONLY) }
        #expect(ProcessFacts.openDescriptors >= before + 150)
        for descriptor in descriptors { close(descriptor) }
        #expect(ProcessFacts.identifier == getpid() && ProcessFacts.cpuNanoseconds > 0)
        let clock = SystemClock()
        let start = clock.monotonicNanoseconds
        try await Task.sleep(for: .milliseconds(2))
        #expect(clock.monotonicNanoseconds >= start + 2_000_000)
        #expect(clock.wallMilliseconds > 1_700_000_000_000)
    }

    @Test("random bytes fill what was asked, and differ")
    func randomness() {
        var random = SystemRandom()
        for count in [0, 1, 16, 256, 257, 1_000] { #expect(random.bytes(count).count == count) }
        #expect(random.bytes(32) != random.bytes(32) && random.next() != random.next())
        // Each byte of a long run is reached: 4,096 zeros at one place have odds of 2^-32768.
        let sum = (0..<64).reduce([UInt8](repeating: 0, count: 600)) { sum, _ in
            zip(sum, random.bytes(600)).map { $0 | $1 }
        }
        #expect(!sum.contains(0))
    }
}

import Bytes
import Glibc
import Host
import Testing

/// Whether `bytes` are what stands at `offset` of an endless repetition of `pattern`.
private func repeats(_ pattern: [UInt8], from offset: Int, _ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
        let place = (offset + done) % pattern.count
        let count = min(pattern.count - place, bytes.count - done)
        let expected = pattern.bytes.extracting(place..<place + count)
        guard bytes.bytes.extracting(done..<done + count).equals(expected) else { return false }
        done += count
    }
    return true
}

@Suite("sockets", .timeLimit(.minutes(2)))
struct NetworkTests {
    /// Probes of accepted connections, in order.
    typealias Accepted = Locked<[Probe]>

    private func first(_ accepted: Accepted) async throws -> Probe {
        while true {
            if let probe = accepted.withLock({ $0.first }) { return probe }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    @Test("an echo through slow readers on both sides: bytes are equal and little waits")
    func backPressure() async throws {
        try await withLoops(2) { group in
            let worst = Locked(0)
            let listener = try Listener(group, .loopback(port: 0)) { connection in
                connection.lowWaterBytes = 8 * 1024
                return echo(connection, worst: worst)
            }
            let total = 24 << 20
            var random = RandomSource(seed: 5)
            let pattern = random.bytes(64 * 1024 - 7)
            let sent = LoopOwned(group.loops[0], 0)
            let mostPending = Locked(0)
            // Fills what the connection takes; goes on when it has drained.
            let fill: @Sendable (Connection) -> Void = { connection in
                sent.withCurrent { sent in
                    while sent < total, connection.pendingWriteBytes < 256 * 1024 {
                        let count = min(pattern.count, total - sent)
                        connection.write(pattern.bytes.extracting(first: count))
                        sent += count
                    }
                }
                mostPending.withLock { $0 = max($0, connection.pendingWriteBytes) }
            }
            let received = LoopOwned(group.loops[0], (count: 0, isRight: true, pauses: 0))
            let loop = group.loops[0]
            let client = try await loop.probe(listener.address) { connection in
                Probe(
                    connection, keepsBytes: false,
                    onReceived: { connection, bytes in
                        received.withCurrent { state in
                            let isRight = repeats(pattern, from: state.count, bytes)
                            state.isRight = state.isRight && isRight
                            state.count += bytes.count
                            guard state.count / (1 << 20) > state.pauses else { return }
                            // Every megabyte the reader takes a rest.
                            state.pauses += 1
                            connection.pauseReading()
                            loop.after(milliseconds: 2) { connection.resumeReading() }
                        }
                    },
                    onWritable: fill)
            }
            await loop.on { fill(client.connection) }
            await client.wait { $0.receivedBytes >= total }
            let end = await received.visit { $0 }
            #expect(end.count == total && end.isRight && end.pauses >= 23)
            await loop.on { client.connection.close() }
            let seen = await client.wait { $0.closed > 0 }
            #expect(seen.closed == 1 && seen.late == 0 && seen.failure == nil)
            #expect(seen.writable > 0 && mostPending.withLock { $0 } <= 320 * 1024)
            // The limit and one read of the loop's buffer.
            #expect(worst.withLock { $0 } <= 2 * 64 * 1024)
            listener.stop()
        }
    }

    @Test("half a connection goes on: the peer ends its side and is answered to the end")
    func halfClose() async throws {
        try await withLoops(2) { group in
            let accepted = Accepted([])
            let answer = [UInt8](repeating: 7, count: 3 << 20)
            let listener = try Listener(group, .loopback(port: 0)) { connection in
                let probe = Probe(
                    connection,
                    onPeerClosed: { connection in
                        connection.write(answer.bytes)
                        connection.shutdown()
                        connection.write([1].bytes)  // after the end: ignored
                    })
                accepted.withLock { $0.append(probe) }
                return probe
            }
            let client = try await group.loops[0].probe(listener.address) { connection in
                Probe(connection, onPeerClosed: { $0.close() })
            }
            await group.loops[0].on {
                client.connection.write(Array("question".utf8).bytes)
                client.connection.shutdown()
                client.connection.shutdown()
            }
            let seen = await client.wait { $0.closed > 0 }
            #expect(seen.received == answer && seen.peerClosed == 1 && seen.failure == nil)
            let server = try await first(accepted)
            await server.connection.loop.on { server.connection.close() }
            let other = await server.wait { $0.closed > 0 }
            #expect(other.received == Array("question".utf8) && other.peerClosed == 1)
            #expect(seen.late + other.late == 0)
        }
    }

    @Test("a graceful end loses no answer although the request was never read")
    func gracefulClose() async throws {
        try await withLoops(2) { group in
            let answer = [UInt8](repeating: 9, count: 2 << 20)
            let accepted = Accepted([])
            let listener = try Listener(group, .loopback(port: 0)) { connection in
                let probe = Probe(
                    connection,
                    onReceived: { connection, _ in
                        connection.pauseReading()
                        connection.write(answer.bytes)
                        connection.closeGracefully()
                        connection.closeGracefully()
                    })
                accepted.withLock { $0.append(probe) }
                return probe
            }
            let client = try await group.loops[0].probe(listener.address) { connection in
                Probe(connection, onPeerClosed: { $0.close() })
            }
            await group.loops[0].on {
                client.connection.write([UInt8](repeating: 1, count: 1 << 20).bytes)
            }
            let seen = await client.wait { $0.closed > 0 }
            #expect(seen.received == answer && seen.failure == nil)
            let server = try await first(accepted)
            let other = await server.wait { $0.closed > 0 }
            #expect(other.closed == 1 && other.failure == nil && other.late == 0)
        }
    }

    @Test("a peer that does not read is cut before too much waits for it")
    func tooSlow() async throws {
        try await withLoops(1) { group in
            let accepted = Accepted([])
            let listener = try Listener(group, .loopback(port: 0)) { connection in
                connection.pendingWriteBytesMax = 1 << 20
                let probe = Probe(connection)
                accepted.withLock { $0.append(probe) }
                return probe
            }
            let client = try await group.loops[0].probe(listener.address)
            await group.loops[0].on { client.connection.pauseReading() }
            let server = try await first(accepted)
            let piece = [UInt8](repeating: 0, count: 100_000)
            let most = await server.connection.loop.on {
                var most = 0
                for _ in 0..<1_000 {
                    server.connection.write(piece.bytes)
                    most = max(most, server.connection.pendingWriteBytes)
                }
                return most
            }
            let seen = await server.wait { $0.closed > 0 }
            guard case .tooSlow(let pending)? = seen.failure else {
                Issue.record("ended by \(String(describing: seen.failure))")
                return
            }
            #expect(pending <= 1 << 20 && most <= 1 << 20 && seen.closed == 1)
        }
    }

    @Test("the end comes once, last, whoever ends and whenever")
    func ends() async throws {
        try await withLoops(2) { group in
            let accepted = Accepted([])
            let listener = try Listener(group, .loopback(port: 0)) { connection in
                let probe = Probe(
                    connection,
                    onReceived: { connection, bytes in
                        connection.write(bytes.bytes)
                        if bytes.first == 1 { connection.close() }
                        connection.write(bytes.bytes)
                        connection.close()
                        connection.resumeReading()
                    })
                accepted.withLock { $0.append(probe) }
                return probe
            }
            var clients: [Probe] = []
            for index in 0..<60 {
                let client = try await group.loops[index % 2].probe(listener.address)
                await client.connection.loop.on {
                    client.connection.write([UInt8(index % 3)].bytes)
                    if index % 3 == 2 { client.connection.close() }
                }
                clients.append(client)
            }
            for client in clients {
                let seen = await client.wait { $0.closed > 0 }
                #expect(seen.closed == 1 && seen.late == 0)
            }
            while accepted.withLock({ $0.count }) < 60 {
                try await Task.sleep(for: .milliseconds(1))
            }
            for server in accepted.withLock({ $0 }) {
                let seen = await server.wait { $0.closed > 0 }
                #expect(seen.closed == 1 && seen.late == 0)
            }
            #expect(listener.connections == 0)
        }
    }

    @Test("connections beyond the limit are closed at once, and those that end make room")
    func limit() async throws {
        try await withLoops(2) { group in
            var options = ListenerOptions()
            options.connectionsMax = 20
            let listener = try Listener(group, .loopback(port: 0), options: options) { echo($0) }
            var clients: [Probe] = []
            for index in 0..<20 {
                clients.append(try await group.loops[index % 2].probe(listener.address))
            }
            for client in clients {
                await client.connection.loop.on { client.connection.write([1, 2, 3].bytes) }
            }
            for client in clients { await client.wait { $0.received == [1, 2, 3] } }
            #expect(listener.connections == 20)
            let extra = try await group.loops[0].probe(listener.address)
            await extra.wait { $0.closed > 0 }
            #expect(listener.refusedConnections == 1 && listener.connections == 20)
            let one = clients[0].connection
            await one.loop.on { one.close() }
            while listener.connections == 20 { try await Task.sleep(for: .milliseconds(1)) }
            let next = try await group.loops[0].probe(listener.address)
            await next.connection.loop.on { next.connection.write([4].bytes) }
            #expect(await next.wait { $0.receivedBytes > 0 }.received == [4])
        }
    }

    @Test("many connections on all loops, each served on the loop that accepted it")
    func many() async throws {
        try await withLoops(2) { group in
            let perLoop = Locked([0, 0])
            let listener = try Listener(group, .loopback(port: 0)) { connection in
                #expect(connection.loop.isCurrent)
                perLoop.withLock { $0[connection.loop.index] += 1 }
                return echo(connection)
            }
            try await withThrowingTaskGroup(of: Bool.self) { tasks in
                for index in 0..<300 {
                    tasks.addTask {
                        let loop = group.loops[index % 2]
                        let client = try await loop.probe(listener.address)
                        let bytes = [UInt8](repeating: UInt8(index % 251), count: 2_000 + index)
                        await loop.on {
                            client.connection.write(bytes.bytes)
                            client.connection.shutdown()
                        }
                        let seen = await client.wait { $0.closed > 0 }
                        return seen.received == bytes && seen.closed == 1 && seen.failure == nil
                    }
                }
                for try await isRight in tasks { #expect(isRight) }
            }
            let counts = perLoop.withLock { $0 }
            #expect(counts.reduce(0, +) == 300 && counts.allSatisfy { $0 > 0 })
            listener.stop()
        }
    }

    @Test("addresses: the port in use, the port nobody serves, the paths of unix-domain sockets")
    func addresses() async throws {
        try await withLoops(2) { group in
            let listener = try Listener(group, .loopback(port: 0)) { echo($0) }
            let address = listener.address
            #expect(address.port != 0)
            #expect(throws: NetworkError.addressInUse(address)) {
                try Listener(group, address) { _ in nil }
            }
            let client = try await group.loops[0].probe(address)
            let ends = await group.loops[0].on {
                (client.connection.localAddress, client.connection.remoteAddress)
            }
            #expect(ends.1 == address && ends.0 != nil && ends.0 != address)
            listener.stop()
            // The sockets close a turn later.
            while true {
                do throws(NetworkError) {
                    let other = try await group.loops[1].probe(address)
                    await group.loops[1].on { other.connection.close() }
                } catch {
                    #expect(error == .refused(address) || error == .reset)
                    if error == .refused(address) { break }
                }
            }
            let again = try Listener(group, address) { echo($0) }
            #expect(again.address == address)
            again.stop()
        }
    }

    @Test("a unix-domain socket serves its user only, replaces a dead one, and leaves nothing")
    func unixDomain() async throws {
        let disk = RealFileSystem()
        let folder = temporaryFolder()
        defer { unsafe _ = rmdir(folder) }
        try await withLoops(2) { group in
            let path = folder + "/control"
            let address = SocketAddress.unix(path: path)
            await #expect(throws: NetworkError.refused(address)) {
                _ = try await group.loops[0].probe(address)
            }
            // A socket that nobody serves any more, as a crash leaves it.
            let dead = try Listener(group, address) { _ in nil }
            try disk.rename(path, to: path + ".dead")
            dead.stop()
            while true {
                do throws(NetworkError) {
                    _ = try await group.loops[0].probe(.unix(path: path + ".dead"))
                } catch {
                    if error == .refused(.unix(path: path + ".dead")) { break }
                }
            }
            try disk.rename(path + ".dead", to: path)

            let listener = try Listener(group, address) { echo($0) }
            var status = stat()
            let code = unsafe stat(path, &status)
            #expect(code == 0 && status.st_mode & 0o777 == 0o600)
            #expect(throws: NetworkError.addressInUse(address)) {
                try Listener(group, address) { _ in nil }
            }
            let client = try await group.loops[1].probe(address)
            let bytes = [UInt8](repeating: 3, count: 1 << 20)
            await group.loops[1].on {
                client.connection.write(bytes.bytes)
                client.connection.shutdown()
            }
            #expect(await client.wait { $0.closed > 0 }.received == bytes)
            listener.stop()
            #expect(try !disk.exists(path))
            let long = String(repeating: "x", count: 108)
            #expect(throws: NetworkError.pathTooLong(path: long)) {
                try Listener(group, .unix(path: long)) { _ in nil }
            }
            await #expect(throws: NetworkError.pathTooLong(path: long)) {
                _ = try await group.loops[0].probe(.unix(path: long))
            }
        }
    }

    @Test("the end of a loop closes its connections, each once")
    func loopEnds() async throws {
        let group = LoopGroup.start(count: 1)
        let other = LoopGroup.start(count: 1)
        let listener = try Listener(group, .loopback(port: 0)) { echo($0) }
        let client = try await other.loops[0].probe(listener.address)
        await other.loops[0].on { client.connection.write([1].bytes) }
        await client.wait { $0.receivedBytes == 1 }
        group.stop()
        let seen = await client.wait { $0.closed > 0 }
        #expect(seen.closed == 1 && seen.late == 0 && listener.connections == 0)
        other.stop()
    }

    @Test(
        "an address is read as it is written",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1:8080"), ("localhost:1", "127.0.0.1:1"),
            ("*:80", "0.0.0.0:80"), ("[::1]:443", "[::1]:443"),
            ("[2001:DB8:0:0::1]:5", "[2001:db8::1]:5"), ("unix:/a b/c", "unix:/a b/c"),
            ("127.0.0.1", nil), ("127.1:80", nil), ("::1:80", nil), ("example.org:80", nil),
            ("127.0.0.1:65536", nil), ("127.0.0.1:-1", nil), (":80", nil), ("", nil),
        ] as [(String, String?)])
    func parsing(text: String, expected: String?) {
        #expect(SocketAddress(text)?.description == expected)
    }

    @Test("loopback is 127.0.0.0/8 and ::1, mapped or not")
    func loopback() {
        let all = ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1", "128.0.0.1", "::2"]
        #expect(all.map { IPAddress($0)?.isLoopback } == [true, true, true, true, false, false])
    }
}

// Addresses of sockets, as values. No name is ever looked up here.

internal import CUV
internal import Glibc

/// An IP address of either version, 128 bits; version 4 in the low 32.
package struct IPAddress: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64
    package let isVersion4: Bool

    /// Version 6, from its two halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        self.isVersion4 = false
    }

    /// Version 4, the first byte highest.
    package init(version4: UInt32) {
        self.high = 0
        self.low = UInt64(version4)
        self.isVersion4 = true
    }

    /// From "192.0.2.1" or "2001:db8::1"; no brackets, zones, names or shortened version 4.
    package init?(_ text: String) {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            self.init(version4: UInt32(bigEndian: four.s_addr))
            return
        }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        self.init(six)
    }

    init(_ six: in6_addr) {
        // SAFETY: an in6_addr is sixteen bytes.
        let halves = unsafe withUnsafeBytes(of: six) { bytes in
            unsafe (
                bytes.loadUnaligned(as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
        self.init(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1))
    }

    var six: in6_addr {
        var six = in6_addr()
        // SAFETY: an in6_addr is sixteen bytes.
        unsafe withUnsafeMutableBytes(of: &six) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return six
    }

    /// 127.0.0.0/8 or ::1, also mapped.
    package var isLoopback: Bool {
        if isVersion4 { return low >> 24 == 127 }
        if high == 0, low == 1 { return true }
        return high == 0 && low >> 32 == 0xffff && (low >> 24) & 0xff == 127
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted, or the canonical form of version 6.
    package var description: String {
        var text = [CChar](repeating: 0, count: 46)  // INET6_ADDRSTRLEN
        if isVersion4 {
            var four = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
            unsafe inet_ntop(AF_INET, &four, &text, 46)
        } else {
            var six = six
            unsafe inet_ntop(AF_INET6, &six, &text, 46)
        }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Where a socket listens or connects to.
package enum SocketAddress: Hashable, Sendable {
    case ip(IPAddress, port: UInt16)
    /// A path in the file system of at most 107 bytes.
    case unix(path: String)

    /// From "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (127.0.0.1), "*:8080" (0.0.0.0) or
    /// "unix:/path".
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            self = .unix(path: String(text.dropFirst(5)))
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        switch host {
        case "localhost": self = .ip(IPAddress(version4: 0x7f00_0001), port: port)
        case "*": self = .ip(IPAddress(version4: 0), port: port)
        default:
            guard let address = IPAddress(String(host)) else { return nil }
            self = .ip(address, port: port)
        }
    }

    /// 127.0.0.1 with a port; 0 lets the system choose one.
    package static func loopback(port: UInt16) -> SocketAddress {
        .ip(IPAddress(version4: 0x7f00_0001), port: port)
    }

    /// The port, nil for a path.
    package var port: UInt16? {
        if case .ip(_, let port) = self { port } else { nil }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// What `init(_:)` reads.
    package var description: String {
        switch self {
        case .ip(let address, let port):
            address.isVersion4 ? "\(address):\(port)" : "[\(address)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension SocketAddress {
    var family: Int32 {
        switch self {
        case .ip(let address, _): address.isVersion4 ? AF_INET : AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Calls `body` with the system's form of the address.
    ///
    /// - Throws: `.pathTooLong` for a path that a socket cannot have.
    func withRaw<Value>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) throws(NetworkError) -> Value {
        var storage = sockaddr_storage()
        let length: Int
        switch self {
        case .ip(let address, let port) where address.isVersion4:
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            four.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
            length = SocketAddress.put(four, into: &storage)
        case .ip(let address, let port):
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            six.sin6_addr = address.six
            length = SocketAddress.put(six, into: &storage)
        case .unix(let path):
            var local = sockaddr_un()
            local.sun_family = sa_family_t(AF_UNIX)
            let bytes = [UInt8](path.utf8)
            // SAFETY: the copy is bounded by the field, less its ending zero.
            let fits = unsafe withUnsafeMutableBytes(of: &local.sun_path) { field in
                guard !bytes.isEmpty, bytes.count < field.count else { return false }
                unsafe field.copyBytes(from: bytes)
                return true
            }
            guard fits else { throw .pathTooLong(path: path) }
            length = SocketAddress.put(local, into: &storage)
        }
        // SAFETY: every socket address begins with the fields of sockaddr and fits the storage.
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe body(
                UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self),
                socklen_t(length))
        }
    }

    private static func put<Kind>(_ address: Kind, into storage: inout sockaddr_storage) -> Int {
        // SAFETY: sockaddr_storage is large and aligned enough for every kind of address.
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe withUnsafeBytes(of: address) { unsafe bytes.copyMemory(from: $0) }
        }
        return MemoryLayout<Kind>.size
    }

    /// The address in `storage`; nil for a kind that we do not know.
    init?(_ storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            // SAFETY: the family says which kind it is.
            let four = unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in.self) }
            self = .ip(
                IPAddress(version4: UInt32(bigEndian: four.sin_addr.s_addr)),
                port: UInt16(bigEndian: four.sin_port))
        case AF_INET6:
            // SAFETY: the family says which kind it is.
            let six = unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in6.self) }
            self = .ip(IPAddress(six.sin6_addr), port: UInt16(bigEndian: six.sin6_port))
        case AF_UNIX:
            // SAFETY: the family says which kind it is; the path ends at its first zero.
            let path = unsafe withUnsafeBytes(of: storage) { bytes in
                unsafe [UInt8](bytes.dropFirst(2).prefix { $0 != 0 })
            }
            self = .unix(path: String(decoding: path, as: UTF8.self))
        default: return nil
        }
    }
}

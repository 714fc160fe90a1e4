// Which addresses an outgoing request may reach. Users give us URLs; none of them may make this
// server talk to itself or to its neighbours (server-side request forgery).
//
// The check is on the address of the very socket that is about to be opened, so names that resolve
// to something else the second time (DNS rebinding), redirects, and every odd way to write an
// address (decimal, octal, mapped) end here all the same. For version 6 only global unicast that
// embeds no version 4 address is allowed; all else of the IANA special-purpose registries is not.

package import Host

/// Decides about the peers of outgoing requests.
package struct AddressGuard: Equatable, Sendable {
    /// Reached although they are private: for tests and for neighbours that the operator names.
    private let allowed: [SocketAddress]

    package init(allowing allowed: [SocketAddress] = []) { self.allowed = allowed }

    /// Whether a connection to this address may be opened. O(allowed).
    package func allows(_ address: IPAddress, port: UInt16) -> Bool {
        if allowed.contains(.ip(address, port: port)) { return true }
        return address.isVersion4
            ? AddressGuard.isPublic(UInt32(truncatingIfNeeded: address.low))
            : AddressGuard.isPublic(address.high)
    }

    /// Version 4 networks that are not the public Internet (IANA, RFC 6890): base and length.
    private static let special4: [(base: UInt32, bits: UInt32)] = [
        (0x0000_0000, 8),  // this network
        (0x0a00_0000, 8),  // private
        (0x6440_0000, 10),  // carrier-grade NAT
        (0x7f00_0000, 8),  // loopback
        (0xa9fe_0000, 16),  // link-local, cloud metadata
        (0xac10_0000, 12),  // private
        (0xc000_0000, 24),  // protocol assignments
        (0xc000_0200, 24),  // documentation
        (0xc058_6300, 24),  // 6to4 relays
        (0xc0a8_0000, 16),  // private
        (0xc612_0000, 15),  // benchmarks
        (0xc633_6400, 24),  // documentation
        (0xcb00_7100, 24),  // documentation
        (0xe000_0000, 4),  // multicast
        (0xf000_0000, 4),  // reserved, broadcast
    ]

    private static func isPublic(_ address: UInt32) -> Bool {
        !special4.contains { (address ^ $0.base) >> (32 - $0.bits) == 0 }
    }

    /// By the upper half, which decides for all networks of the registry inside 2000::/3.
    private static func isPublic(_ high: UInt64) -> Bool {
        guard high >> 61 == 0b001 else { return false }  // only 2000::/3 is global unicast
        if high >> 41 == 0x2001_0000 >> 9 { return false }  // 2001::/23: Teredo, ORCHID, others
        if high >> 32 == 0x2001_0db8 { return false }  // documentation
        if high >> 48 == 0x2002 { return false }  // 6to4 embeds version 4
        if high >> 44 == 0x3fff0 { return false }  // documentation, 3fff::/20
        return true
    }
}

// Whose word counts about the client's address. `X-Forwarded-For` is read from the right: each
// proxy appends the address of its own peer, so everything left of the first address that is not
// one of our proxies could be made up.

internal import Bytes
package import Host

/// A block of addresses, like 10.0.0.0/8.
package struct AddressBlock: Equatable, Sendable {
    private let base: IPAddress
    private let bits: Int

    /// From "10.0.0.0/8", "fd00::/8", or one address.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.isVersion4 ? 32 : 128
        let bits = parts.count == 2 ? Int(parts[1]) : width
        guard let bits, bits >= 0, bits <= width else { return nil }
        self.base = address
        self.bits = bits
    }

    /// Whether `address` is in the block. An address of version 4 is in no block of version 6.
    package func contains(_ address: IPAddress) -> Bool {
        guard address.isVersion4 == base.isVersion4 else { return false }
        if base.isVersion4 {
            return bits == 0 || (address.low ^ base.low) >> UInt64(32 - bits) == 0
        }
        let high = address.high ^ base.high
        let low = address.low ^ base.low
        if bits == 0 { return true }
        if bits <= 64 { return high >> UInt64(64 - bits) == 0 }
        return high == 0 && (bits == 64 || low >> UInt64(128 - bits) == 0)
    }
}

/// The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count. Empty: nobody's.
package struct TrustedProxies: Equatable, Sendable {
    package let blocks: [AddressBlock]

    package init(_ blocks: [AddressBlock] = []) { self.blocks = blocks }

    /// From a list with commas; nil when one is malformed.
    package init?(_ text: String) {
        var blocks: [AddressBlock] = []
        for part in text.split(separator: ",") {
            guard let block = AddressBlock(String(part.filter { $0 != " " })) else { return nil }
            blocks.append(block)
        }
        self.blocks = blocks
    }

    /// Whether this address is one of our proxies.
    package func trusts(_ address: IPAddress) -> Bool { blocks.contains { $0.contains(address) } }

    /// The client of a request that came from `peer`, and whether it speaks TLS.
    func client(
        _ view: borrowing RequestView, peer: IPAddress?, isSecure: Bool
    ) -> (address: IPAddress?, isSecure: Bool) {
        guard let peer, !blocks.isEmpty, trusts(peer) else { return (peer, isSecure) }
        var secure = isSecure
        if let proto = view.value(of: "x-forwarded-proto") {
            secure = proto.holdsIgnoringCase("https")
        }
        var client = peer
        for field in view.head.fields.reversed()
        where view.bytes[field.name].holdsIgnoringCase("x-forwarded-for") {
            let text = String(decoding: [UInt8](copying: view.bytes[field.value]), as: UTF8.self)
            for part in text.split(separator: ",").reversed() {
                guard let address = IPAddress(String(part.filter { $0 != " " && $0 != "\t" }))
                else { return (client, secure) }
                client = address
                if !trusts(address) { return (client, secure) }
            }
        }
        return (client, secure)
    }
}

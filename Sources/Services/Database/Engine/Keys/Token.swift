// Where a partition lies: token, tablet, shard. On disk, never change.
//
// The token is XXH3-64 of the encoded partition key, seeded with the cluster's seed (from the
// `folder` file, so that nobody outside can aim keys at one shard), modulo 10^18: the ring of
// the notes (SH-5). A shard owns the tokens of one equal range: shard = floor(token x shards /
// 10^18). The table is no part of it, so a partition key lies on the same shard in every table,
// and all of one user is one shard's (BK-8). Every key in a store has its token at bytes 4-11,
// also the internal rows, so any key tells its shard.

import Bytes

/// A place on the ring: 0 ..< 10^18.
package struct Token: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    /// Tokens on the ring. On disk, never change.
    package static let space: UInt64 = 1_000_000_000_000_000_000

    package init(_ rawValue: UInt64) {
        precondition(rawValue <= Token.space)
        self.rawValue = rawValue
    }

    package static func < (left: Token, right: Token) -> Bool { left.rawValue < right.rawValue }
}

/// The fixed facts of a data folder that decide where keys lie.
package struct Placement: Hashable, Sendable {
    package let seed: UInt64
    /// 1 ... 1,024; fixed when the folder is made.
    package let shardCount: Int

    package static let shardCountMax = 1024

    package init(seed: UInt64, shardCount: Int) {
        precondition(shardCount >= 1 && shardCount <= Placement.shardCountMax)
        self.seed = seed
        self.shardCount = shardCount
    }

    /// The token of a partition key in its ordered encoding.
    package func token(ofEncoded partition: RawSpan) -> Token {
        Token(xxh3(partition, seed: seed) % Token.space)
    }

    /// The shard that owns a token.
    package func shard(of token: Token) -> Int {
        let product = token.rawValue.multipliedFullWidth(by: UInt64(shardCount))
        if product.high == 0 { return Int(product.low / Token.space) }
        return Int(Token.space.dividingFullWidth(product).quotient)
    }

    /// The first token of a shard; of `shardCount` it is the end of the ring.
    package func lowerToken(ofShard shard: Int) -> Token {
        precondition(shard >= 0 && shard <= shardCount)
        let product = Token.space.multipliedFullWidth(by: UInt64(shard))
        let count = UInt64(shardCount)
        let (quotient, remainder) = count.dividingFullWidth(product)
        return Token(remainder == 0 ? quotient : quotient + 1)
    }
}

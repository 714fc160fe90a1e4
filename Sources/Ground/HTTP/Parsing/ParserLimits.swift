// Every size that a peer can choose has a bound here.

/// Bounds on what one request may hold. Sizes are bytes, counts are pieces.
package struct ParserLimits: Equatable, Sendable {
    /// Method, target and version with their spaces; more is 414.
    package var requestLineBytes = 8 * 1024
    /// Everything up to and with the empty line; more is 431.
    package var headBytes = 16 * 1024
    /// Header fields; more is 431.
    package var fields = 100
    /// Empty lines before a request line, as some old clients send after a body.
    package var leadingEmptyLines = 2
    /// A chunk-size line with its extensions.
    package var chunkLineBytes = 256
    /// All chunk extensions of one body.
    package var chunkExtensionBytes = 4 * 1024
    /// All trailer fields of one body.
    package var trailerBytes = 4 * 1024

    package init() {}
}

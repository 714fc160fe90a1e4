/// Why a text is not an address that is kept.
package enum AddressProblem: Error, Hashable, Sendable {
    case empty
    case tooLong(bytesMax: Int)
    /// No scheme, as in `example.com` or `/page`.
    case notAbsolute
    case scheme(String)
    case badHost
    case badPort
    /// `user:password@`: would be kept, and shown, in the clear.
    case hasCredentials
    case controlCharacter

    /// In words for the person who gave it.
    package var reason: String {
        switch self {
        case .empty: "there is no address"
        case .tooLong(let bytesMax): "the address is longer than \(bytesMax) bytes"
        case .notAbsolute: "an address begins with http://, https:// or ftp://"
        case .scheme(let scheme): "addresses of the kind \(scheme): are not kept"
        case .badHost: "the address has no valid host name"
        case .badPort: "the address has no valid port number"
        case .hasCredentials: "addresses with a user name or password in them are not kept"
        case .controlCharacter: "the address holds a control character"
        }
    }
}

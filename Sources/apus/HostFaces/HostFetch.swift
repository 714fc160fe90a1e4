import HTTP
import Platform

/// Outgoing requests of the product, by the guarded client: never to this machine or a private
/// network, but for what `--fetch-allow` names.
struct HostFetch: Fetch {
    private let client: HTTPClient

    init(client: HTTPClient) { self.client = client }

    func fetch(_ request: FetchRequest, _ context: Context) async throws(FetchError)
        -> FetchResponse
    {
        var asked = ClientRequest(request.url)
        var headers = Headers()
        for field in request.headers { headers.add(field.name, field.value) }
        asked.headers = headers.fields
        asked.bytesMax = request.bytesMax
        asked.cutsBody = true
        asked.milliseconds = request.millisecondsMax
        asked.redirectsMax = request.redirectsMax
        do {
            let response = try await client.fetch(asked)
            return FetchResponse(
                status: response.status, url: response.url,
                headers: response.headers.fields.map { (name: $0.name, value: $0.value) },
                body: response.body, isCut: response.isCut)
        } catch {
            throw FetchError(error, url: request.url)
        }
    }
}

extension FetchError {
    /// What the product gets to see of a client's error.
    init(_ error: ClientError, url: String) {
        switch error {
        case .badRequest:
            self = .refusedAddress(
                url: url, reason: "it must be http or https without a user name")
        case .forbiddenAddress(let address): self = .refusedHost(address: "\(address)")
        case .timedOut: self = .timedOut
        case .tooManyRedirects: self = .tooManyRedirects
        case .overloaded: self = .busy
        default: self = .failed(reason: "\(error)")
        }
    }
}

// Outgoing requests by libcurl's multi interface, driven by a loop's watchers and one timer: no
// thread waits. Names are resolved by libcurl's own threads, so no loop waits for DNS either.
//
// Each fetch runs on the loop that asks if it is one of ours, else on the first. Connections are
// kept and reused per loop; each was checked by the guard when it was opened.

package import Host

/// Makes outgoing requests, guarded.
package final class HTTPClient: Sendable {
    private let loops: [LoopOwned<ClientLoop?>]
    private let addressGuard: AddressGuard
    private let fetchesMax: Int

    /// - Parameter fetchesMax: at once on one loop; more are `.overloaded`.
    package init(_ group: LoopGroup, _ addressGuard: AddressGuard, fetchesMax: Int = 64) {
        self.loops = group.loops.map { LoopOwned($0, nil) }
        self.addressGuard = addressGuard
        self.fetchesMax = fetchesMax
    }

    /// Does one request, with redirects for GET and HEAD.
    ///
    /// - Throws: why there is no answer; an answer of any status is no error.
    package func fetch(_ request: ClientRequest) async throws(ClientError) -> ClientResponse {
        let owner = loops.first { $0.loop.isCurrent } ?? loops[0]
        if owner.loop.isCurrent { return try await onLoop(owner, request) }
        return try await withTaskExecutorPreference(owner.loop) {
            () async throws(ClientError) -> ClientResponse in
            try await onLoop(owner, request)
        }
    }

    private func onLoop(
        _ owner: LoopOwned<ClientLoop?>, _ request: ClientRequest
    ) async throws(ClientError) -> ClientResponse {
        let client = owner.withCurrent { state in
            if let client = state { return client }
            let client = ClientLoop(owner.loop, addressGuard, fetchesMax)
            state = client
            return client
        }
        return try await client.fetch(request)
    }

    /// Ends all fetches with `.stopped` and closes the connections. Call before the loops stop.
    package func stop() async {
        for owner in loops {
            await owner.visit { state in
                state?.stop()
                state = nil
            }
        }
    }
}

import DatabaseContract
import DatabaseServer
import Host
import Platform
import Testing

/// How the database is set up for one run of the suite.
struct Setting: Sendable, CustomStringConvertible {
    let description: String
    let loops: Int
    var options = DatabaseOptions()

    static let all: [Setting] = {
        var tiny = DatabaseOptions()
        tiny.memtableBytesMax = 4_096
        tiny.cacheBytesMax = 1
        tiny.tickMilliseconds = 20
        tiny.sweepMilliseconds = 50
        var one = DatabaseOptions()
        one.shardCount = 1
        return [
            Setting(description: "one loop", loops: 1),
            Setting(description: "two loops", loops: 2),
            Setting(description: "one shard", loops: 1, options: one),
            Setting(description: "two loops, tiny memtables, one block", loops: 2, options: tiny),
        ]
    }()
}

@Test("the model keeps the contract", arguments: DatabaseContract.suite)
func modelKeepsContract(_ check: ContractCheck) async throws {
    try await check.run(ModelDatabase(clock: TestClock()))
}

@Test("the local database keeps the contract", arguments: Setting.all)
func localDatabaseKeepsContract(_ setting: Setting) async throws {
    let test = try TestDatabase.open(
        SimulatedFileSystem(seed: 7), loops: setting.loops, clock: TestClock(),
        options: setting.options)
    defer { test.close() }
    for check in DatabaseContract.suite {
        do {
            try await check.run(test.database)
        } catch {
            Issue.record("\(setting), \(check): \(error)")
        }
    }
}

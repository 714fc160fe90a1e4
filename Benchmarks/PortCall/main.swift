// A get through the database port in process, beside the storage engine that it stands on: 1,000
// rows in memory, read in turn. Prints one JSON object a round, nanoseconds per call:
//
//     apus-bench --rounds 9 --calls 1000000
//
// Both read the same number of bytes and say so in a checksum that must not differ from round to
// round; the driver that prints the comparison is Benchmarks/port_call.py.

import Host
import Platform

let arguments = CommandLine.arguments

func number(after option: String, or standard: Int) -> Int {
    guard let place = arguments.firstIndex(of: option), place + 1 < arguments.count,
        let value = Int(arguments[place + 1]), value > 0
    else { return standard }
    return value
}

let rounds = number(after: "--rounds", or: 5)
let calls = number(after: "--calls", or: 100_000)
let loops = LoopGroup.start(count: 1)
let work = loops.loops[0].run {
    do {
        var engine = try EngineReads.make()
        let port = try await PortReads(loops)
        _ = engine.read(Rows.count)  // the first calls pay for what is made once
        _ = try await port.read(Rows.count)
        for round in 0..<rounds {
            // In turns, so that a slow moment of the machine meets both.
            let first = round.isMultiple(of: 2) ? nil : engine.read(calls)
            let ours = try await port.read(calls)
            let peer = first ?? engine.read(calls)
            print(
                "{\"measure\": \"get of one item, in memory\", \"ours\": \(ours), "
                    + "\"peer\": \(peer)}")
        }
    } catch {
        preconditionFailure("the benchmark could not run: \(error)")
    }
}
await work.value  // and the process ends: nothing here is worth an orderly stop

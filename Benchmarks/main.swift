import APITranslation
import AdmissionControl
import Foundation
import JSONBytes
import NIOCore
import WireFormats

// Small benchmarks of the hot path, each as a ratio to Foundation's JSON decoder reading the same text in the same run;
// admission, which reads no text, as a ratio to decoding one event.
// Prints one line each and fails where a ratio is above its threshold in thresholds.json.

struct Reply: Decodable {
    struct Output: Decodable {
        struct Choice: Decodable {
            struct Message: Decodable {
                var content: String
                var role: String
            }
            var message: Message
            var finish_reason: String
        }
        var choices: [Choice]
    }
    var output: Output
    var usage: [String: Int]
    var request_id: String
}

struct Request: Decodable {
    struct Message: Decodable {
        var role: String
        var content: String
    }
    var model: String
    var messages: [Message]
    var temperature: Double
    var top_p: Double
    var max_tokens: Int
}

/// The best time of several rounds, in nanoseconds a call.
func measure(_ iterations: Int, _ body: () throws -> Void) rethrows -> Double {
    var best = Double.infinity
    for _ in 0..<7 {
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<iterations { try body() }
        let elapsed = start.duration(to: clock.now).components
        best = min(best, (Double(elapsed.seconds) * 1e9 + Double(elapsed.attoseconds) / 1e9) / Double(iterations))
    }
    return best
}

let event =
    #"{"output":{"choices":[{"message":{"content":"Quicksort picks a pivot ","role":"assistant"},"finish_reason":"null"}]},"usage":{"total_tokens":19,"input_tokens":10,"output_tokens":9},"request_id":"b3c4b7b0-9d3b-9b5a-8f8c-000000000001"}"#
let text = String(repeating: "You are a helpful assistant. ", count: 12)
let request =
    #"{"model":"qwen-plus","messages":[{"role":"system","content":"\#(text)"},{"role":"user","content":"Write a quicksort.\n你好"}],"temperature":0.7,"top_p":0.9,"max_tokens":512}"#

let tape = JSONTape()
let decoder = JSONDecoder()
let eventBytes = ByteBuffer(string: event)
let requestBytes = ByteBuffer(string: request)
let eventData = Data(event.utf8)
let requestData = Data(request.utf8)
let translator = ChatRequestTranslator(catalog: ModelCatalog())

let decodeEvent = try measure(20_000) { _ = try decoder.decode(Reply.self, from: eventData) }
let decodeRequest = try measure(20_000) { _ = try decoder.decode(Request.self, from: requestData) }

let scanRequest = try measure(50_000) { try requestBytes.withUnsafeReadableBytes { _ = try tape.parse($0) } }
let translateRequest = try measure(50_000) {
    _ = try translator.translate(requestBytes, tape: tape, strict: false, created: 1)
}
let stream = ChatReplyContext(model: "qwen-plus", created: 1).makeReply(isStreamed: true)
var output = ByteBuffer()
let translateEvent = measure(50_000) {
    output.clear()
    eventBytes.withUnsafeReadableBytes {
        _ = stream.receive($0, isError: false, status: 200, tape: tape, into: &output)
    }
}
let framed = ByteBuffer(
    string: String(repeating: "id:1\nevent:result\n:HTTP_STATUS/200\ndata:\(event)\n\n", count: 100)
)
let relayStream = try measure(500) {
    var decoder = ServerSentEventDecoder()
    decoder.append(framed)
    output.clear()
    while let event = try decoder.next() {
        event.data.withUnsafeReadableBytes {
            _ = stream.receive($0, isError: event.isError, status: event.status, tape: tape, into: &output)
        }
    }
}

// One request admitted and settled with every limit set, by one of 10,000 callers and addresses that are known already.
let scope = ScopeLimits(
    requestsPerMinute: 1_000_000_000,
    concurrentRequests: 1000,
    tokensPerMinute: 1_000_000_000
)
let admission = AdmissionController(limits: AdmissionLimits(caller: scope, address: scope, overall: scope))
let keyedHash = KeyedHash(key0: 1, key1: 2)
let callers = (0..<10_000).map { keyedHash.callerID(of: "sk-\($0)") }
var turn = 0
var now: Int64 = 0
var refused = 0
func admitOne(to controller: AdmissionController) {
    turn = (turn + 7) % callers.count
    now += 1000
    let address = ClientAddress(ipv4: UInt32(turn))
    switch controller.admit(caller: callers[turn], address: address, estimatedTokens: 1, now: now) {
    case .admitted(let permit): controller.settle(permit, tokens: 2, now: now)
    case .refused: refused += 1
    }
}
let admit = measure(50_000) { admitOne(to: admission) }
let unlimited = AdmissionController()
let admitUnlimited = measure(50_000) { admitOne(to: unlimited) }
guard refused == 0, admission.gauges.callers == callers.count else {
    print("admission: \(refused) refused, \(admission.gauges)")
    exit(1)
}

let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "thresholds.json")
let thresholds = try JSONDecoder().decode([String: Double].self, from: Data(contentsOf: file))
var failed = false
for (name, nanoseconds, baseline) in [
    ("scan request", scanRequest, decodeRequest),
    ("translate request", translateRequest, decodeRequest),
    ("translate event", translateEvent, decodeEvent),
    ("relay event", relayStream / 100, decodeEvent),
    ("admit", admit, decodeEvent),
    ("admit without limits", admitUnlimited, decodeEvent),
] {
    let ratio = nanoseconds / baseline
    let threshold = thresholds[name] ?? 0
    let isOver = ratio > threshold
    failed = failed || isOver
    let line = "\(Int(nanoseconds)) ns, \(Int((ratio * 1000).rounded())) thousandths of decoding"
    print("\(name): \(line); threshold \(threshold)\(isOver ? "  OVER" : "")")
}
exit(failed ? 1 : 0)

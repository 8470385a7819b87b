import NIOCore
import Testing

@testable import APITranslation

/// In every object the gateway reads: nothing is lost without a report, null is absent, a wrong type is refused by name.
struct RequestObjectTests {
    @Test(arguments: RequestObject.all)
    func anUnknownMemberIsCarriedOrReported(object: RequestObject) throws {
        let run = try RequestRun(object.with(#""brand_new":{"a":[1]}"#))
        let isCarried = String(reflecting: run.body).contains("brand_new")
        let isReported = run.adjustments.contains { $0.contains("brand_new;from=object;to=none") }
        #expect(isCarried != isReported)
    }

    @Test(arguments: RequestObject.all)
    func nullIsAbsent(object: RequestObject) throws {
        let without = try RequestRun(object.with(""))
        for name in ["brand_new"] + object.optional {
            let run = try RequestRun(object.with("\"\(name)\":null"))
            if object.path != "messages[0]" || name != "brand_new" {
                #expect(run.body == without.body, "\(name)")
            }
            #expect(run.adjustments == without.adjustments, "\(name)")
        }
    }

    @Test(arguments: RequestObject.all)
    func aWrongTypeIsRefusedByName(object: RequestObject) {
        for (member, value) in object.wrong {
            let error = RequestRun.refusal(object.with("\"\(member)\":\(value)"))
            #expect(error?.status == 400, "\(member)")
            #expect(error?.param == "\(object.path).\(member)", "\(member): \(error?.message ?? "taken")")
        }
    }

    @Test(arguments: RequestObject.all)
    func noMemberIsWrittenTwice(object: RequestObject) throws {
        let call = try RequestRun(object.with(#""brand_new":1"#)).call
        #expect(duplicates(in: String(buffer: call.body)) == [])
    }

    /// Names that stand twice in one object of a text without blanks.
    private func duplicates(in text: String) -> [String] {
        var found: [String] = []
        var objects: [Set<String>] = []
        var last = ""
        var current = ""
        var isInside = false
        var isEscaped = false
        for character in text {
            if isInside {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isInside = false
                    last = current
                    continue
                }
                current.append(character)
                continue
            }
            switch character {
            case "\"":
                isInside = true
                current = ""
            case "{": objects.append([])
            case "}": objects.removeLast()
            case ":": if objects.indices.last.map({ objects[$0].insert(last).inserted }) == false { found.append(last) }
            default: break
            }
        }
        return found
    }
}

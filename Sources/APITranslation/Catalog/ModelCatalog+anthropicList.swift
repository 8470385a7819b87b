import ByteWriting
import JSONBytes
package import NIOCore

// The objects of `/v1/models` for clients of Anthropic's API.

extension ModelCatalog {
    /// A page of the list: at most `limit` models behind or before an id.
    package struct Page: Sendable {
        package var limit: Int
        package var after: String?
        package var before: String?

        package init(limit: Int = 20, after: String? = nil, before: String? = nil) {
            self.limit = limit
            self.after = after
            self.before = before
        }
    }

    /// Appends one page of the list in Anthropic's form.
    ///
    /// - Throws: a 400 that names the cursor whose id is not in the list.
    package func writeAnthropicList(_ page: Page, into buffer: inout ByteBuffer) throws(APIError) {
        let all = listed
        var range = all.indices
        if let after = page.after {
            guard let place = all.firstIndex(where: { $0.id == after }) else { throw Self.unknownCursor("after_id") }
            range = place + 1..<range.upperBound
        }
        if let before = page.before {
            guard let place = all.firstIndex(where: { $0.id == before }) else { throw Self.unknownCursor("before_id") }
            range = range.lowerBound..<max(range.lowerBound, place)
        }
        let isBackwards = page.before != nil && page.after == nil
        let shown = isBackwards ? range.suffix(page.limit) : range.prefix(page.limit)
        buffer.append(#"{"data":["#)
        for place in shown {
            if place != shown.startIndex { buffer.append(",") }
            writeAnthropic(all[place].entry, as: all[place].id, into: &buffer)
        }
        buffer.append(
            shown.count < range.count ? #"],"has_more":true,"first_id":"# : #"],"has_more":false,"first_id":"#
        )
        if let first = shown.first { buffer.writeJSON(all[first].id) } else { buffer.append("null") }
        buffer.append(#","last_id":"#)
        if let last = shown.last { buffer.writeJSON(all[last].id) } else { buffer.append("null") }
        buffer.append("}")
    }

    /// Appends one model in Anthropic's form; false for an unknown id.
    package func writeAnthropicModel(id: String, into buffer: inout ByteBuffer) -> Bool {
        if let alias = aliases.first(where: { $0.name == id }) {
            let entry = table.positions[alias.target].map { table.entries[$0] } ?? CatalogEntry(id: alias.target)
            writeAnthropic(entry, as: id, into: &buffer)
            return true
        }
        guard let position = table.positions[id] else { return false }
        writeAnthropic(table.entries[position], as: id, into: &buffer)
        return true
    }

    private static func unknownCursor(_ name: String) -> APIError {
        .invalidRequest("No model of the list has this id.", param: name, code: "invalid_value")
    }

    private func writeAnthropic(_ entry: CatalogEntry, as id: String, into buffer: inout ByteBuffer) {
        buffer.append(#"{"type":"model","id":"#)
        buffer.writeJSON(id)
        buffer.append(#","display_name":"#)
        buffer.writeJSON(id)
        buffer.append(#","created_at":"#)
        buffer.writeJSON(Self.dateText(entry.created ?? Self.created(fromDateIn: entry.id) ?? Self.unknownCreated))
        buffer.append(entry.retirement == nil ? #","lifecycle":"active""# : #","lifecycle":"deprecated""#)
        if let count = entry.maxInputTokens ?? entry.contextLength {
            buffer.append(#","max_input_tokens":"#)
            buffer.writeJSON(count)
        }
        if let count = entry.maxOutputTokens {
            buffer.append(#","max_tokens":"#)
            buffer.writeJSON(count)
        }
        buffer.append("}")
    }

    /// Unix seconds as RFC 3339.
    static func dateText(_ seconds: Int) -> String {
        var days = seconds / 86_400
        let rest = seconds % 86_400
        // The Gregorian calendar, counting years from March.
        days += 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }
}

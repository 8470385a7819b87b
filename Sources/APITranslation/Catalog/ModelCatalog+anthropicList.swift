import ByteWriting
import JSONBytes
package import NIOCore
import WireFormats

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
        let created = entry.created ?? Self.created(fromDateIn: entry.id) ?? Self.unknownCreated
        buffer.writeJSON(CalendarDate.text(unixSeconds: created) + "Z")
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
}

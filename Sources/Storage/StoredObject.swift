package import NIOCore

/// A response or a conversation as it is kept: JSON texts, and what it continues.
package struct StoredObject: Sendable, Equatable {
    /// Items of a conversation, separated by commas, and how many they are.
    package struct Items: Sendable, Equatable {
        package var json: ByteBuffer
        package var count: Int

        package init(json: ByteBuffer = ByteBuffer(), count: Int = 0) {
            self.json = json
            self.count = count
        }

        /// Appends other items.
        package mutating func append(_ other: Items) {
            guard other.count > 0 else { return }
            if count > 0 { json.writeInteger(UInt8(ascii: ",")) }
            json.writeImmutableBuffer(other.json)
            count += other.count
        }
    }

    /// With its prefix, such as `resp_`.
    package var id: String
    /// The keyed hash of the key of the caller to whom it belongs.
    package var owner: UInt64
    /// The response whose conversation this one continues.
    package var previous: String?
    /// The object that its owner may ask for.
    package var document: ByteBuffer
    package var input: Items
    package var output: Items
    /// The events of a stream that may be read again.
    package var events: ByteBuffer?
    /// Unix seconds up to which somebody works on it; nil for what is complete.
    ///
    /// Later than that, the work is lost.
    package var runsUntil: Int?
    /// Unix milliseconds of its creation, by which it is found in a list; nil for what no list shows.
    package var listed: Int?

    package init(
        id: String,
        owner: UInt64,
        previous: String? = nil,
        document: ByteBuffer,
        input: Items = Items(),
        output: Items = Items(),
        events: ByteBuffer? = nil,
        runsUntil: Int? = nil,
        listed: Int? = nil
    ) {
        self.id = id
        self.owner = owner
        self.previous = previous
        self.document = document
        self.input = input
        self.output = output
        self.events = events
        self.runsUntil = runsUntil
        self.listed = listed
    }

    /// The size that counts in a store that is bounded by bytes.
    package var size: Int {
        document.readableBytes + input.json.readableBytes + (events?.readableBytes ?? 0) + id.utf8.count + 256
            + (outputPlace == nil ? output.json.readableBytes : 0)
    }

    /// Where the items of the output stand in the document's text, for items that are a slice of it; such text is kept once.
    var outputPlace: Int? {
        document.withUnsafeReadableBytes { document in
            output.json.withUnsafeReadableBytes { output in
                guard let start = document.baseAddress, let place = output.baseAddress, !output.isEmpty else {
                    return nil
                }
                let distance = Int(bitPattern: place) - Int(bitPattern: start)
                return distance >= 0 && distance + output.count <= document.count ? distance : nil
            }
        }
    }
}

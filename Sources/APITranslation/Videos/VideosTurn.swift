package import NIOCore

/// What a request for a video does not say itself.
package struct VideosTurn: Sendable {
    /// The API whose objects the client reads.
    package enum Form: Sendable {
        case openAI
        /// `task_id`, `status`, `url`, as new-api has it.
        case newAPI
    }

    /// A video that is made anew.
    package struct Source: Sendable {
        /// With its prefix.
        package var id: String
        /// The link to the file.
        package var link: String
        /// The model that made it, where that is known; used where the request names none.
        package var model: String?

        package init(id: String, link: String, model: String?) {
            self.id = id
            self.link = link
            self.model = model
        }
    }

    package var form = Form.openAI
    package var source: Source?
    /// Takes the caller's secrets out of the words of a failure.
    package var clean: @Sendable (APIError) -> APIError = { $0 }
    /// Takes a video whose task was made, as it is stored.
    package var made: (@Sendable (_ id: String, _ object: ByteBuffer) -> Void)?

    package init() {}
}

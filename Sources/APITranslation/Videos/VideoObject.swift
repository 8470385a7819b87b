package import JSONBytes
package import NIOCore

/// What a caller has asked for, as far as it is known; upstream does not tell it again.
struct VideoFacts: Sendable {
    /// The model name the client used.
    var model: String?
    /// As JSON.
    var prompt: ByteBuffer?
    /// Such as `1280x720`.
    var size: String?
    var seconds: String?
    /// The id of the video that this one was made of.
    var remixedFrom: String?
}

/// A video as its caller sees it, and as it is stored.
package struct VideoObject: Sendable {
    package enum Status: String, Sendable {
        case queued, completed, failed
        case inProgress = "in_progress"

        package var isFinal: Bool { self == .completed || self == .failed }
    }

    struct Failure: Sendable {
        var code: String
        var message: String
        var upstreamCode: String?
        var status: Int
    }

    package static let prefix = "video_"

    /// With its prefix.
    package var id: String
    var facts = VideoFacts()
    package internal(set) var status = Status.queued
    /// Unix seconds.
    package internal(set) var created: Int
    package internal(set) var completed: Int?
    /// When the link to the video ends.
    package internal(set) var expires: Int?
    package internal(set) var link: String?
    var revisedPrompt: ByteBuffer?
    var usage: ByteBuffer?
    var figures = VideoFigures()
    var failure: Failure?

    /// Links are good for a day.
    private static let lifetime = 86_400

    /// A video of which nothing is known but the name of its task.
    package init(id: String, created: Int) {
        self.id = id
        self.created = created
    }

    init(id: String, facts: VideoFacts, created: Int) {
        self.init(id: id, created: created)
        self.facts = facts
    }

    /// The id of the task in the id of a video; nil where it can be none.
    package static func task(of id: String) -> String? {
        guard id.hasPrefix(prefix) else { return nil }
        let task = String(id.dropFirst(prefix.count))
        return TaskReply.isID(task) ? task : nil
    }

    /// The model that was asked, where that is known.
    package var model: String? { facts.model }

    /// Whether upstream has forgotten the task of a video that has not ended.
    package func isLost(now: Int) -> Bool { !status.isFinal && now - created > Self.lifetime }

    /// The same video, whose task was never seen to end.
    package func lost() -> VideoObject {
        var object = self
        object.status = .failed
        object.failure = Failure(
            code: "task_not_found",
            message: "DashScope forgets tasks after 24 hours, and nobody asked for this one after it had ended.",
            upstreamCode: nil,
            status: 404
        )
        return object
    }

    /// Takes what upstream says of the task; `error` is that of a task without a video.
    package mutating func take(_ task: VideoTask, error: APIError?) {
        created = task.submitted ?? created
        if facts.prompt == nil { facts.prompt = task.prompt }
        revisedPrompt = task.revisedPrompt ?? revisedPrompt
        usage = task.usage ?? usage
        figures = task.figures
        if let error {
            status = .failed
            failure = Failure(
                code: error.code ?? error.type,
                message: error.message,
                upstreamCode: error.upstreamCode,
                status: error.status
            )
            return
        }
        switch task.task.status {
        case .pending: status = .queued
        case .succeeded:
            status = .completed
            link = task.link
            completed = task.ended
            expires = task.ended.map { $0 + Self.lifetime }
        case .running, .failed, .canceled, .unknown: status = .inProgress
        }
    }
}

// MARK: - As it is stored

extension VideoObject {
    /// What stands in the store for a video that its caller has deleted.
    package static let deleted = ByteBuffer(string: #"{"deleted":true}"#)

    /// Reads a stored video; nil where it is deleted.
    package init?(_ document: ByteBuffer, tape: JSONTape) {
        guard
            let object = document.withUnsafeReadableBytes({ bytes -> VideoObject? in
                (try? tape.parse(bytes)).flatMap { VideoObject($0) }
            })
        else { return nil }
        self = object
    }

    private init?(_ root: JSONValue) {
        guard let id = root["id"]?.string, let created = root["created_at"]?.integer,
            let status = root["status"]?.string.flatMap({ Status(rawValue: $0) })
        else { return nil }
        func json(_ name: StaticString) -> ByteBuffer? { root.present(name).map { ByteBuffer(bytes: $0.text) } }
        self.init(id: id, created: created)
        self.status = status
        facts = VideoFacts(
            model: root["model"]?.string,
            prompt: json("prompt"),
            size: root["size"]?.string,
            seconds: root["seconds"]?.string,
            remixedFrom: root["remixed_from_video_id"]?.string
        )
        completed = root["completed_at"]?.integer
        expires = root["expires_at"]?.integer
        link = root["url"]?.string
        revisedPrompt = json("revised_prompt")
        usage = json("usage")
        if let usage = root.present("usage") { figures = VideoFigures(usage) }
        guard let error = root.present("error") else { return }
        failure = Failure(
            code: error["code"]?.string ?? "",
            message: error["message"]?.string ?? "",
            upstreamCode: error["upstream_code"]?.string,
            status: error["status"]?.integer ?? 500
        )
    }
}

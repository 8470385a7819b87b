import APITranslation
import NIOHTTP1

/// The paths of OpenAI's Videos API, and of new-api's.
extension EndpointList {
    static let videos: [RouteDescription] = [
        RouteDescription(
            pattern: "/v1/videos",
            endpoints: [
                .streamed(
                    .POST,
                    "Videos of a text, of images or of other videos, by tasks that are not waited for",
                    operation: OperationDescriptions.v1Videos
                ) { ticket, caller in
                    VideoEndpoints.create(ticket, caller: caller)
                },
                .keyed(
                    .GET,
                    "The videos of the caller, as they were seen last",
                    operation: OperationDescriptions.v1VideosList
                ) { ticket, _ in
                    VideoEndpoints.list(ticket)
                },
            ]
        ),
        RouteDescription(
            pattern: "/v1/videos/{id}",
            endpoints: [
                .keyed(
                    .GET,
                    "A video: its state, and its link once it is there",
                    operation: OperationDescriptions.v1VideosId
                ) { ticket, caller in
                    VideoEndpoints.get(ticket, caller: caller)
                },
                .keyed(
                    .DELETE,
                    "Cancels a video that waits for its turn, and forgets it",
                    operation: OperationDescriptions.v1VideosDelete
                ) { ticket, caller in
                    VideoEndpoints.delete(ticket, caller: caller)
                },
            ]
        ),
        RouteDescription(
            pattern: "/v1/videos/{id}/content",
            endpoints: [
                .keyed(
                    .GET,
                    "The file of a video, or a range of it",
                    operation: OperationDescriptions.v1VideosContent
                ) { ticket, caller in
                    VideoEndpoints.content(ticket, caller: caller)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/videos/{id}/remix",
            endpoints: [
                .streamed(
                    .POST,
                    "Another video of one that is there",
                    operation: OperationDescriptions.v1VideosRemix
                ) { ticket, caller in
                    VideoEndpoints.remix(ticket, caller: caller)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/video/generations",
            endpoints: [
                .streamed(
                    .POST,
                    "The same as `POST /v1/videos` in the form of new-api",
                    operation: OperationDescriptions.v1VideoGenerations
                ) { ticket, caller in
                    VideoEndpoints.create(ticket, caller: caller, form: .newAPI)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/video/generations/{id}",
            endpoints: [
                .keyed(
                    .GET,
                    "A video in the form of new-api",
                    operation: OperationDescriptions.v1VideoGenerationsId
                ) { ticket, caller in
                    VideoEndpoints.get(ticket, caller: caller, form: .newAPI)
                }
            ]
        ),
    ]
}

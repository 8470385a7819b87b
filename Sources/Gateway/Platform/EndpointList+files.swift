import APITranslation
import HTTPServing
import NIOHTTP1

/// The paths of OpenAI's files and batches.
extension EndpointList {
    static let files: [RouteDescription] = [
        RouteDescription(
            pattern: "/v1/files",
            endpoints: [
                .streamed(
                    .POST,
                    "Uploads a document for qwen-long, or the requests of a batch; passed on while it arrives",
                    operation: OperationDescriptions.v1Files
                ) { ticket, caller in
                    FileUpload.begin(ticket, caller: caller)
                },
                .keyed(
                    .GET,
                    "The files of the key's account, the newest first",
                    operation: OperationDescriptions.v1FilesList
                ) { ticket, caller in
                    PlatformRelay.begin(ticket, caller: caller) { () throws(APIError) in
                        try .files(QueryItems(ticket.exchange.head.uri).items)
                    }
                },
            ]
        ),
        RouteDescription(
            pattern: "/v1/files/{id}",
            endpoints: [
                .keyed(.GET, "What is known of a file", operation: OperationDescriptions.v1FilesId) { ticket, caller in
                    PlatformRelay.begin(ticket, caller: caller) { () throws(APIError) in
                        try .file(ticket.parameters[0])
                    }
                },
                .keyed(.DELETE, "Deletes a file", operation: OperationDescriptions.v1FilesIdDelete) { ticket, caller in
                    PlatformRelay.begin(ticket, caller: caller) { () throws(APIError) in
                        try .deleteFile(ticket.parameters[0])
                    }
                },
            ]
        ),
        RouteDescription(
            pattern: "/v1/files/{id}/content",
            endpoints: [
                .keyed(
                    .GET,
                    "The bytes of a file that a batch has written",
                    operation: OperationDescriptions.v1FilesIdContent
                ) { ticket, caller in
                    FileContentRelay.begin(ticket, caller: caller)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/batches",
            endpoints: [
                .keyed(
                    .POST,
                    "Starts a batch of chat or embeddings requests, at half the price",
                    operation: OperationDescriptions.v1Batches
                ) { ticket, caller in
                    BatchCreation.begin(ticket, caller: caller)
                },
                .keyed(
                    .GET,
                    "The batches of the key's account, the newest first",
                    operation: OperationDescriptions.v1BatchesList
                ) { ticket, caller in
                    PlatformRelay.begin(ticket, caller: caller) { () throws(APIError) in
                        try .batches(QueryItems(ticket.exchange.head.uri).items)
                    }
                },
            ]
        ),
        RouteDescription(
            pattern: "/v1/batches/{id}",
            endpoints: [
                .keyed(
                    .GET,
                    "How far a batch is, and the files with its results",
                    operation: OperationDescriptions.v1BatchesId
                ) { ticket, caller in
                    PlatformRelay.begin(ticket, caller: caller) { () throws(APIError) in
                        try .batch(ticket.parameters[0])
                    }
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/batches/{id}/cancel",
            endpoints: [
                .keyed(.POST, "Stops a batch", operation: OperationDescriptions.v1BatchesId) { ticket, caller in
                    PlatformRelay.begin(ticket, caller: caller) { () throws(APIError) in
                        try .cancelBatch(ticket.parameters[0])
                    }
                }
            ]
        ),
    ]
}

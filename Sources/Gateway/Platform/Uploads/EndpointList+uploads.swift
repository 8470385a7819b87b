import NIOHTTP1

/// The paths of OpenAI's uploads in parts.
extension EndpointList {
    static let uploads: [RouteDescription] = [
        RouteDescription(
            pattern: "/v1/uploads",
            endpoints: [
                .keyed(
                    .POST,
                    "Begins an upload in parts, of which one file is made",
                    operation: OperationDescriptions.v1Uploads
                ) { ticket, caller in
                    UploadEndpoints.create(ticket, caller: caller)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/uploads/{id}/parts",
            endpoints: [
                .streamed(
                    .POST,
                    "Adds a part of at most 64 MB; kept on disk until the upload is completed, cancelled or an hour old",
                    operation: OperationDescriptions.v1UploadsIdParts
                ) { ticket, caller in
                    UploadPartReceipt.begin(ticket, caller: caller)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/uploads/{id}/complete",
            endpoints: [
                .keyed(
                    .POST,
                    "Puts the parts together and passes them on as one file",
                    operation: OperationDescriptions.v1UploadsIdComplete
                ) { ticket, caller in
                    UploadCompletion.begin(ticket, caller: caller)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/uploads/{id}/cancel",
            endpoints: [
                .keyed(.POST, "Gives an upload up", operation: OperationDescriptions.v1UploadsIdCancel) {
                    ticket,
                    caller in
                    UploadEndpoints.cancel(ticket, caller: caller)
                }
            ]
        ),
    ]
}

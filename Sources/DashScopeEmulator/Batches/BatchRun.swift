import HTTPServing
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The next step of a batch: validation, then the answers, then the files with them.
struct BatchRun {
    let files: FileStore
    /// Answers native requests.
    let answer: (HTTPRequest) -> EmulatorReply

    private var now: Int { Int(Date().timeIntervalSince1970) }

    func advanced(_ given: Batch) -> Batch {
        var batch = given
        switch batch.status {
        case "validating": validate(&batch)
        case "in_progress": run(&batch)
        case "finalizing":
            batch.status = "completed"
            batch.times["completed_at"] = now
        case "cancelling":
            batch.status = "cancelled"
            batch.times["cancelled_at"] = now
            if batch.total > 0 {
                // As recorded: what was not answered stands in the file of errors, and counts as failed.
                finish(&batch, answered: 0, code: "batch_cancelled", message: "This request was cancelled.")
            }
        default: break
        }
        return batch
    }

    private func lines(of batch: Batch) -> (lines: [BatchLine], complaints: [BatchLine.Complaint]) {
        guard let content = files.file(batch.inputFile, owner: batch.owner)?.content else {
            return ([], [BatchLine.Complaint(code: "file_not_found", message: "The input file is gone.", line: 1)])
        }
        return BatchLine.read(content, endpoint: batch.endpoint)
    }

    private func validate(_ batch: inout Batch) {
        let (lines, complaints) = lines(of: batch)
        guard complaints.isEmpty else {
            batch.status = "failed"
            batch.complaints = complaints
            batch.times["failed_at"] = now
            return
        }
        batch.status = "in_progress"
        batch.total = lines.count
        batch.times["in_progress_at"] = now
    }

    private func run(_ batch: inout Batch) {
        let lines = lines(of: batch).lines
        if let model = lines.first?.model, case .batch(let fault) = Fault.parse(model)?.fault {
            if fault == .stays { return }
            batch.status = "expired"
            batch.times["expired_at"] = now
            finish(
                &batch,
                answered: lines.count / 2,
                code: "batch_expired",
                message: "This request could not be executed before the completion window expired."
            )
            return
        }
        batch.status = "finalizing"
        batch.times["finalizing_at"] = now
        finish(&batch, answered: lines.count, code: "", message: "")
    }

    /// Writes both files: the first requests are answered, the others get an error.
    private func finish(_ batch: inout Batch, answered count: Int, code: String, message: String) {
        var output = ByteBuffer()
        var errors = ByteBuffer()
        for (index, line) in lines(of: batch).lines.enumerated() {
            var failure = CompatibleCall.Failure(code: code, message: message)
            if index < count {
                let call = CompatibleCall(model: line.model, body: line.body, owner: batch.owner, answer: answer)
                do throws(CompatibleCall.Failure) {
                    let reply = batch.endpoint == "/v1/embeddings" ? try call.embedding() : try call.chat()
                    let document: JSON = [
                        "id": .string(reply.requestID), "custom_id": .string(line.customID),
                        "response": [
                            "status_code": 200, "request_id": .string(reply.requestID), "body": reply.body,
                        ],
                        "error": .null,
                    ]
                    output.writeBytes(document.bytes + [UInt8(ascii: "\n")])
                    batch.completed += 1
                    continue
                } catch {
                    failure = error
                }
            }
            let document: JSON = [
                "id": .string(RequestID.make()), "custom_id": .string(line.customID), "response": .null,
                "error": ["code": .string(failure.code), "message": .string(failure.message)],
            ]
            errors.writeBytes(document.bytes + [UInt8(ascii: "\n")])
            batch.failed += 1
        }
        batch.outputFile = keep(output, of: batch, name: "output")
        batch.errorFile = keep(errors, of: batch, name: "error")
    }

    private func keep(_ content: ByteBuffer, of batch: Batch, name: String) -> String? {
        guard content.readableBytes > 0 else { return nil }
        return files.add(content, name: "\(batch.id)_\(name).jsonl", purpose: .batchOutput, owner: batch.owner)?.id
    }
}

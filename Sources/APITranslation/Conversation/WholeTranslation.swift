import JSONBytes
import NIOCore

/// Writes a face's whole answer.
protocol WholeWriter: ReplySink {
    associatedtype Context: ReplyContext
    init(context: Context)
    /// The answer, once the sink was told its end.
    var output: ByteBuffer { get set }
    /// Writes an answer of the commonest kind in one pass, or nothing.
    static func writePlainly(_ root: JSONValue, context: Context, into output: inout ByteBuffer) -> ReplyFacts?
}

extension WholeWriter {
    static func writePlainly(_ root: JSONValue, context: Context, into output: inout ByteBuffer) -> ReplyFacts? { nil }
}

/// Makes one whole answer of a native body, or folds a native stream into it.
///
/// Streams are folded for models that only stream, and for calls that take long.
final class WholeTranslation<Writer: WholeWriter> {
    /// The reader is large, and most answers are plain: it gets memory of its own when it is needed.
    private final class General {
        var reader: NativeReplyReader<Writer>

        init(_ reader: NativeReplyReader<Writer>) {
            self.reader = reader
        }
    }

    private let context: Writer.Context
    private let native: (Writer.Context) -> NativeReplyContext
    private var general: General?
    private var isWhole = false
    private var plain = ByteBuffer()
    private var plainFacts: ReplyFacts?

    init(context: Writer.Context, native: @escaping (Writer.Context) -> NativeReplyContext) {
        self.context = context
        self.native = native
    }

    private func begin(isWhole: Bool) {
        self.isWhole = isWhole
        general = General(
            NativeReplyReader(context: native(context), isWhole: isWhole, sink: Writer(context: context))
        )
    }

    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape
    ) -> ReplyOutcome {
        if general == nil || isWhole { begin(isWhole: false) }
        return general?.reader.receive(data, isError: isError, status: status, tape: tape) ?? .progress
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape) -> ReplyOutcome {
        isWhole = true
        general = nil
        let root: JSONValue
        do {
            root = try tape.parse(body)
        } catch {
            // Half a surrogate pair must not cost an answer that is paid for.
            guard JSONRepair.canMend(error) else { return .refused(ErrorTable.invalidResponse(requestID: nil)) }
            let mended = JSONRepair.mended(body)
            return mended.withUnsafeReadableBytes { bytes in
                guard let root = try? tape.parse(bytes) else {
                    return .refused(ErrorTable.invalidResponse(requestID: nil))
                }
                return receive(generally: root)
            }
        }
        plainFacts = Writer.writePlainly(root, context: context, into: &plain)
        return plainFacts == nil ? receive(generally: root) : .complete
    }

    /// The way of every reply that is not plain.
    func receive(generally root: JSONValue) -> ReplyOutcome {
        if general == nil { begin(isWhole: true) }
        return general?.reader.receive(root) ?? .progress
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        if plainFacts != nil {
            output = plain
            plain = ByteBuffer()
            return nil
        }
        if let error = general?.reader.finish() {
            return isWhole ? ErrorTable.invalidResponse(requestID: general?.reader.requestIDText) : error
        }
        guard let finished = general?.reader.sink.output else { return ErrorTable.incomplete(requestID: nil) }
        output = finished
        return nil
    }

    var facts: ReplyFacts { plainFacts ?? general?.reader.facts ?? ReplyFacts() }
}

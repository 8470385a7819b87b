import APITranslation
import HTTPServing
import JSONBytes
import NIOCore

extension LoopContext {
    /// Bodies up to this size cannot stretch the parser's memory.
    private static let smallBody = 64 << 10

    /// Translates a request with this loop's parser, whose memory for a large body counts as held for the client.
    func translating<Result>(
        _ body: ByteBuffer,
        for exchange: HTTPExchange,
        _ translate: (JSONTape) throws(APIError) -> Result
    ) throws(APIError) -> Result {
        guard body.readableBytes > Self.smallBody else { return try translate(tape) }
        var held = 0
        tape.mayGrow = { bytes in
            guard exchange.hold(bytes) else { return false }
            held += bytes
            return true
        }
        defer {
            tape.mayGrow = nil
            tape.shrink()
            exchange.release(held)
        }
        do throws(APIError) {
            return try translate(tape)
        } catch {
            throw tape.isRefusedGrowth ? APIError(.tooMuchMemory) : error
        }
    }
}

import APITranslation
import HTTPServing
import NIOCore

// Calls that are made of the answers to others.
extension FanOut {
    /// Makes the call that an answer leads to, in the place of the one that has ended.
    func follow(_ index: Int, _ next: FollowingCall) {
        guard exchange.hold(next.call.body.readableBytes) else { return fail(APIError(.tooMuchMemory)) }
        followed += 1
        steps[index] = next.reply as? any FollowedReply
        let call = PartialCall(
            index,
            ticket: ticket,
            caller: caller,
            mayRepeat: !wishes.isRepeated,
            reply: next.reply,
            owner: self
        )
        running.append(call)
        if isPaused { call.runner.pauseReading(true) }
        call.start(next.call, isUrgent: request?.streamsToClient == true)
    }
}

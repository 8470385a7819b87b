import Synchronization

/// Decides whether a request may run now: per caller, per client address and overall.
///
/// A caller's connections live on any event loop, so state for each loop would multiply every limit by the number of
/// loops, or divide it among loops that one caller's few connections never reach. Therefore an entry belongs to the
/// shard that the hash of its key names, each shard has a lock that is held for some tens of nanoseconds, and limits
/// are exact. A request holds the locks of its scopes together, always in the order caller, address, overall: all is
/// looked at before anything is taken, so a refusal changes nothing, and another thread never sees a half-taken
/// request.
package final class AdmissionController: Sendable {
    private let callers: [ScopeShard<CallerID>]
    private let addresses: [ScopeShard<ClientAddress>]
    private let overall: Mutex<(rules: ScopeRules, usage: ScopeUsage)>
    private let current: Mutex<AdmissionLimits>
    /// Which scopes have limits, so that a request without any reads one word.
    private let scopes: Atomic<UInt64>
    private let missing = Atomic(0)

    /// A controller whose callers and addresses are divided among this many shards, rounded up to a power of two at
    /// most 1024.
    ///
    /// A few for each event loop are enough; the bound on entries is divided among them.
    package init(limits: AdmissionLimits = AdmissionLimits(), shards: Int = 16) {
        var count = 1
        while count < min(shards, 1024) { count *= 2 }
        let share = Self.share(of: limits.maximumTracked, shards: count)
        let (callerRules, addressRules) = (ScopeRules(limits.caller), ScopeRules(limits.address))
        callers = (0..<count).map { _ in ScopeShard(ScopeTable(rules: callerRules, maximumCount: share)) }
        addresses = (0..<count).map { _ in ScopeShard(ScopeTable(rules: addressRules, maximumCount: share)) }
        overall = Mutex((ScopeRules(limits.overall), ScopeUsage()))
        current = Mutex(limits)
        scopes = Atomic(ActiveScopes(limits).word)
    }

    package var limits: AdmissionLimits { current.withLock { $0 } }

    /// Takes one request's units from every scope, or from none if any scope has too few.
    ///
    /// A request without a caller or an address is not counted there. Without any limit this costs a few nanoseconds.
    /// - Parameters:
    ///   - caller: who asks, if a key tells.
    ///   - address: where the client is; IPv6 clients are told apart by `AdmissionLimits.ipv6PrefixLength`.
    ///   - estimatedTokens: what the request will probably use, corrected by `settle`.
    ///   - now: monotonic time in nanoseconds.
    /// - Returns: the permit, to be settled however the request ends, or the refusal.
    package func admit(
        caller: CallerID?,
        address: ClientAddress?,
        estimatedTokens: Int,
        now: Int64
    ) -> AdmissionOutcome {
        // The limits themselves stand behind the locks; a late view of this word only delays a change of limits.
        let active = ActiveScopes(word: scopes.load(ordering: .relaxed))
        if active.isEmpty { return .admitted(AdmissionPermit(lease: nil)) }
        var charge = AdmissionCharge(tokens: estimatedTokens)
        if var refusal = takeCaller(caller, address, active, now, &charge) {
            refusal.rateLimits = charge.rateLimits
            return .refused(refusal)
        }
        return .admitted(AdmissionPermit(lease: AdmissionPermit.Lease(controller: self, charge: charge)))
    }

    /// Gives back the permit's places and corrects the tokens to those that were used; without effect the second time.
    ///
    /// More than estimated becomes a debt that the next requests wait for.
    /// - Parameters:
    ///   - permit: what `admit` gave.
    ///   - tokens: what was used; 0 if upstream refused, nil if it is unknown (the estimate stays).
    ///   - now: monotonic time in nanoseconds.
    package func settle(_ permit: AdmissionPermit, tokens: Int?, now: Int64) {
        guard let lease = permit.lease else { return }
        precondition(lease.controller === self, "a permit goes back to the controller that gave it")
        guard lease.settleOnce() else { return }
        giveBack(lease.charge, Settlement(estimated: lease.charge.tokens, used: tokens, now: now))
    }

    /// Applies new limits at once; what runs and what was used still counts.
    ///
    /// Requests admitted while a scope had no limit at all were not counted in it and are not counted afterwards. A
    /// changed rate keeps the time that a caller has to wait, not the number of units.
    package func update(_ limits: AdmissionLimits) {
        // The lock keeps two updates from mixing.
        current.withLock { current in
            current = limits
            let share = Self.share(of: limits.maximumTracked, shards: callers.count)
            let (callerRules, addressRules) = (ScopeRules(limits.caller), ScopeRules(limits.address))
            for shard in callers { shard.table.withLock { $0.update(rules: callerRules, maximumCount: share) } }
            for shard in addresses { shard.table.withLock { $0.update(rules: addressRules, maximumCount: share) } }
            overall.withLock { $0.rules = ScopeRules(limits.overall) }
            scopes.store(ActiveScopes(limits).word, ordering: .relaxed)
        }
    }

    /// The rest of a caller's limits now; nil if no limit for callers is set.
    package func snapshot(caller: CallerID, now: Int64) -> RateLimitSnapshot? {
        guard ActiveScopes(word: scopes.load(ordering: .relaxed)).hasCaller else { return nil }
        return callers[shard(of: caller)].table.withLock {
            $0.rules.snapshot($0.usage(at: $0.slot(of: caller)), now: now)
        }
    }

    /// Permits that were dropped without having been settled, since the start: a fault of the program.
    package var missingReleases: Int { missing.load(ordering: .relaxed) }

    /// The permits that are held and the entries that are kept; every shard is locked in turn.
    package var gauges: AdmissionGauges {
        var gauges = AdmissionGauges(missingReleases: missingReleases)
        for shard in callers {
            shard.table.withLock {
                gauges.callers += $0.count
                gauges.forgottenWhileRunning += $0.forgottenWhileRunning
            }
        }
        for shard in addresses {
            shard.table.withLock {
                gauges.addresses += $0.count
                gauges.forgottenWhileRunning += $0.forgottenWhileRunning
            }
        }
        gauges.running = overall.withLock { $0.usage.running }
        return gauges
    }

    /// Releases what an unsettled permit held.
    func releaseMissing(_ charge: AdmissionCharge) {
        missing.wrappingAdd(1, ordering: .relaxed)
        giveBack(charge, Settlement(estimated: charge.tokens, used: nil, now: 0))
    }
}

// MARK: Taking and giving back

extension AdmissionController {
    private func takeCaller(
        _ caller: CallerID?,
        _ address: ClientAddress?,
        _ active: ActiveScopes,
        _ now: Int64,
        _ charge: inout AdmissionCharge
    ) -> AdmissionRefusal? {
        guard active.hasCaller, let caller else { return takeAddress(address, active, now, &charge) }
        let shard = shard(of: caller)
        return callers[shard].table.withLock { table in
            let slot = table.slot(of: caller)
            let usage = table.usage(at: slot)
            if let (limit, wait) = table.rules.obstacle(usage, tokens: charge.tokens, now: now) {
                charge.rateLimits = table.rules.snapshot(usage, now: now)
                return AdmissionRefusal(scope: .caller, limit: limit, retryAfter: wait)
            }
            if let refusal = takeAddress(address, active, now, &charge) {
                charge.rateLimits = table.rules.snapshot(usage, now: now)
                return refusal
            }
            let (place, after) = table.take(caller, at: slot, tokens: charge.tokens, now: now)
            charge.caller = (shard, place)
            charge.rateLimits = table.rules.snapshot(after, now: now)
            return nil
        }
    }

    private func takeAddress(
        _ address: ClientAddress?,
        _ active: ActiveScopes,
        _ now: Int64,
        _ charge: inout AdmissionCharge
    ) -> AdmissionRefusal? {
        guard active.hasAddress, let address else { return takeOverall(active, now, &charge) }
        let key = address.maskingIPv6(to: active.ipv6PrefixLength)
        let shard = shard(of: key)
        return addresses[shard].table.withLock { table in
            let slot = table.slot(of: key)
            if let (limit, wait) = table.rules.obstacle(table.usage(at: slot), tokens: charge.tokens, now: now) {
                return AdmissionRefusal(scope: .address, limit: limit, retryAfter: wait)
            }
            if let refusal = takeOverall(active, now, &charge) { return refusal }
            charge.address = (shard, table.take(key, at: slot, tokens: charge.tokens, now: now).place)
            return nil
        }
    }

    private func takeOverall(
        _ active: ActiveScopes,
        _ now: Int64,
        _ charge: inout AdmissionCharge
    ) -> AdmissionRefusal? {
        guard active.hasOverall else { return nil }
        return overall.withLock { overall in
            if let (limit, wait) = overall.rules.obstacle(overall.usage, tokens: charge.tokens, now: now) {
                return AdmissionRefusal(scope: .overall, limit: limit, retryAfter: wait)
            }
            overall.rules.take(&overall.usage, tokens: charge.tokens, now: now)
            charge.isInOverall = true
            charge.overallTookTokens = overall.rules.limitsTokens
            return nil
        }
    }

    private func giveBack(_ charge: AdmissionCharge, _ settlement: Settlement) {
        if let (shard, place) = charge.caller {
            callers[shard].table.withLock { $0.settle(place, settlement) }
        }
        if let (shard, place) = charge.address {
            addresses[shard].table.withLock { $0.settle(place, settlement) }
        }
        if charge.isInOverall {
            overall.withLock { $0.rules.settle(&$0.usage, settlement, tookTokens: charge.overallTookTokens) }
        }
    }

    private func shard(of caller: CallerID) -> Int {
        Int(truncatingIfNeeded: caller.value >> 32) & (callers.count - 1)
    }

    /// Mixes the address with a constant; who picks addresses to meet in one shard only waits for its lock a little.
    private func shard(of address: ClientAddress) -> Int {
        let word = UInt64(truncatingIfNeeded: address.bits) ^ UInt64(truncatingIfNeeded: address.bits >> 64)
        return Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 40) & (addresses.count - 1)
    }

    private static func share(of maximum: Int, shards: Int) -> Int {
        max(1, maximum / shards)
    }
}

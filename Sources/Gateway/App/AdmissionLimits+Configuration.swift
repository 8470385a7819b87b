import AdmissionControl

extension AdmissionLimits {
    /// The limits an operator has set.
    init(_ configuration: GatewayConfiguration.Limits) {
        self.init(
            caller: ScopeLimits(configuration.caller),
            address: ScopeLimits(configuration.address),
            overall: ScopeLimits(configuration.overall),
            maximumTracked: configuration.maximumTracked
        )
    }
}

extension ScopeLimits {
    init(_ limit: GatewayConfiguration.Limit) {
        self.init(
            requestsPerMinute: limit.requestsPerMinute,
            burst: limit.burst,
            concurrentRequests: limit.concurrentRequests,
            tokensPerMinute: limit.tokensPerMinute
        )
    }
}

extension KeyedHash {
    /// A hash under the operator's secret, or under one that was kept, or under a random one that ends with the process.
    init(secret: String?, kept: [UInt8]? = nil) throws {
        guard let secret else {
            if let kept {
                try self.init(key: kept)
                return
            }
            var generator = SystemRandomNumberGenerator()
            self.init(using: &generator)
            return
        }
        // Folds a secret of any length into the key: two halves, each hashed under a constant of its own.
        let bytes = Array(secret.utf8)
        let first = KeyedHash(key0: 0x6761_7465_7761_7931, key1: 0x6b65_795f_6861_7368)
        let second = KeyedHash(key0: 0x6761_7465_7761_7932, key1: 0x6b65_795f_6861_7368)
        self.init(key0: first.hash(bytes.span), key1: second.hash(bytes.span))
    }
}

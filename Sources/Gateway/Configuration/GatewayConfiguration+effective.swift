extension GatewayConfiguration {
    /// Every setting with the value in force, in the order of the documentation; secrets are masked.
    package var effectiveSettings: [(key: String, value: String)] {
        SettingTable.all.map { ($0.key, $0.text(in: self)) }
    }

    /// Settings that differ from another configuration and that a reload cannot apply.
    package func settingsThatNeedARestart(comparedTo other: GatewayConfiguration) -> [String] {
        SettingTable.all.filter { !$0.reloads && $0.differs(self, other) }.map(\.key)
    }

    /// This configuration with every setting that needs a restart as it is in `running`.
    package func keepingWhatNeedsARestart(from running: GatewayConfiguration) -> GatewayConfiguration {
        var merged = self
        for setting in SettingTable.all where !setting.reloads { setting.copy(running, &merged) }
        return merged
    }
}

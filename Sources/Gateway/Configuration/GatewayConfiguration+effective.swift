extension GatewayConfiguration {
    /// The settings that differ from the defaults, in the order of the documentation; secrets are masked.
    package var changedSettings: [(key: String, value: String, usual: String)] {
        let usual = GatewayConfiguration()
        return SettingTable.all.filter { $0.differs(self, usual) }
            .map { ($0.key, $0.text(in: self), $0.text(in: usual)) }
    }

    /// The settings as a YAML file that `--config` reads; secrets are named in comments instead.
    ///
    /// Settings without a value are left out; with `onlyChanged` those with their default, too.
    package func yaml(onlyChanged: Bool) -> String {
        let usual = GatewayConfiguration()
        var entries: [(path: [Substring], line: String)] = []
        for setting in SettingTable.all where !onlyChanged || setting.differs(self, usual) {
            let text = setting.text(in: self)
            // An empty list may differ from a default that is not empty.
            guard !text.isEmpty || (setting.kind == .list && setting.differs(self, usual)) else { continue }
            let path = setting.key.split(separator: ".")
            let name = path.last ?? ""
            entries.append(
                (
                    path,
                    setting.isSecret
                        ? "# \(name) is secret and not written here: set \(setting.alias ?? setting.variable)"
                        : "\(name): \(setting.yaml(text))"
                )
            )
        }
        return entries.isEmpty ? "# Everything is as by default.\n" : Self.yaml(entries[...], depth: 0)
    }

    /// The entries below one key: each section once, in the order in which it first comes.
    private static func yaml(_ entries: ArraySlice<(path: [Substring], line: String)>, depth: Int) -> String {
        let indent = String(repeating: "  ", count: depth)
        var text = entries.filter { $0.path.count == depth + 1 }.map { "\(indent)\($0.line)\n" }.joined()
        var sections: [Substring] = []
        for entry in entries where entry.path.count > depth + 1 && !sections.contains(entry.path[depth]) {
            sections.append(entry.path[depth])
        }
        for section in sections {
            let below = entries.filter { $0.path.count > depth + 1 && $0.path[depth] == section }
            text += "\(indent)\(section):\n" + yaml(below[...], depth: depth + 1)
        }
        return text
    }

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

/// `docs/configuration.md`, made of ``SettingTable``.
package enum ConfigurationDocument {
    package static func render() -> String {
        var text = """
            # Configuration

            [中文](configuration.zh-CN.md)

            This page is generated from the code by `dashscope-gateway reference configuration`; a test keeps it equal to the code.

            A setting comes from an argument (`--set key=value`), the environment, a YAML file (`--config FILE`, where `server.port`
            is `port:` under `server:`) or its default; the first of these that gives a value wins. Lists are separated by commas in
            arguments and in the environment. An empty environment variable counts as not set. A key that is not a setting is an
            error, unless a note says that it belongs to a newer version (`# since 1.2.0`, behind the key, behind its section or on the
            line above) or `--ignore-unknown-settings` is given: then the log names the key, and it has no effect.

            `dashscope-gateway check-config` prints every problem with its key and its source, or else the configuration in force with
            secrets masked. `--changed` prints only what differs from the defaults, with its source; `--yaml` prints a file that can be
            saved. Environment variables that look like settings but are not cause a warning.

            SIGHUP reads everything again. A changed setting with *reload* applies to the next request; requests under way keep the old
            value. A change of any other setting is named in the log and waits for a restart. If the new configuration has a problem,
            nothing changes and the log says why. Certificates, the catalogue, the key file and the log file are opened again.


            """
        let defaults = GatewayConfiguration()
        for section in SettingTable.sections {
            text += "## \(section.title)\n\n| setting | environment | default | change | |\n|---|---|---|---|---|\n"
            for setting in section.settings {
                let value = setting.text(in: defaults)
                var names = "`\(setting.variable)`"
                if let alias = setting.alias { names = "`\(alias)`, \(names)" }
                let unit = setting.unit.isEmpty || value.isEmpty ? "" : " \(setting.unit)"
                text += "| `\(setting.key)` | \(names) | \(value.isEmpty ? "–" : "`\(value)`\(unit)") "
                text += "| \(setting.reloads ? "reload" : "restart") | \(describe(setting)) |\n"
            }
            text += "\n"
        }
        text.removeLast()
        return text
    }

    private static func describe(_ setting: Setting) -> String {
        let kind =
            switch setting.kind {
            case .text: "Text"
            case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
            case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
            case .seconds: "Seconds"
            case .flag: "`true` or `false`"
            case .list: "List"
            }
        return "\(kind)\(setting.isSecret ? ", secret" : ""). \(setting.summary)"
    }
}

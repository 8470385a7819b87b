// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // Debug builds and the tests check exclusive access; ours does not look again at every access in the release build,
    // because state that belongs to one event loop is read and written at each byte. The dependencies are checked.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    // The linker can place each function by itself.
    .unsafeFlags(["-Xfrontend", "-function-sections"], .when(platforms: [.linux], configuration: .release)),
]

// One file to ship, a quicker start and a third of the idle memory: the Swift runtime is linked in on Linux.
let staticRuntime: [SwiftSetting] = [
    .unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))
]
let staticLinking: [LinkerSetting] = [
    // Addresses of its own for each process, and no table of functions that could be written to after the start.
    .unsafeFlags(
        [
            "-static-stdlib", "-Xclang-linker", "-pie", "-Xlinker", "-z", "-Xlinker", "relro", "-Xlinker", "-z",
            "-Xlinker", "now",
        ],
        .when(platforms: [.linux], configuration: .release)
    ),
    // The functions that requests run lie together, so that they fill fewer pages; scripts/order-functions.sh lists them.
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "--no-warn-symbol-ordering", "-Xlinker",
            "--symbol-ordering-file=\(Context.packageDirectory)/Sources/dashscope-gateway/functions.order",
        ],
        .when(platforms: [.linux], configuration: .release)
    ),
    .linkedLibrary("CoreFoundation", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationICU", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCShims", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCollections", .when(platforms: [.linux], configuration: .release)),
]

// Links the debug build and the tests in a third of the time.
let quickLinking: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux], configuration: .debug))]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK: Target.Dependency = .product(name: "NIOHPACK", package: "swift-nio-http2")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let instrumentation: Target.Dependency = .product(name: "Instrumentation", package: "swift-distributed-tracing")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "dashscope-gateway",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: [.defaults, "YAML"]
        ),
    ],
    targets: [
        .target(name: "CProcess"),
        .target(name: "CTextScan"),
        .target(name: "ByteWriting", dependencies: [nioCore], swiftSettings: settings),
        .target(name: "JSONBytes", dependencies: ["ByteWriting", "CTextScan", nioCore], swiftSettings: settings),
        .target(name: "WireFormats", dependencies: [nioCore], swiftSettings: settings),
        .target(
            name: "APITranslation",
            dependencies: ["ByteWriting", "JSONBytes", "WireFormats", nioCore],
            exclude: ["Catalog/models.json"],
            swiftSettings: settings
        ),
        .target(
            name: "HTTPServing",
            dependencies: ["ByteWriting", nioCore, nioPosix, nioHTTP1, nioHTTP2, nioHPACK, nioSSL, nioTLS],
            swiftSettings: settings
        ),
        .target(
            name: "Upstream",
            dependencies: ["ByteWriting", "WireFormats", nioCore, nioPosix, nioSSL, nioTLS],
            swiftSettings: settings
        ),
        .target(
            name: "WebSocketTransport",
            dependencies: ["Upstream", nioCore, nioPosix, nioHTTP1, nioWebSocket],
            swiftSettings: settings
        ),
        .target(name: "AdmissionControl", swiftSettings: settings),
        .systemLibrary(name: "CSQLite"),
        .target(
            name: "Storage",
            dependencies: ["CSQLite", nioCore, nioPosix],
            swiftSettings: settings,
            linkerSettings: [
                // One file to ship: the library is linked in.
                .linkedLibrary(":libsqlite3.a", .when(platforms: [.linux])),
                .linkedLibrary("sqlite3", .when(platforms: [.macOS])),
            ]
        ),
        .target(
            name: "Telemetry",
            dependencies: [
                "ByteWriting", "WireFormats", nioCore, logging, metrics, coreMetrics, tracing, instrumentation,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "DashScopeEmulator",
            dependencies: ["HTTPServing", nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL, crypto],
            swiftSettings: settings
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "ByteWriting", "JSONBytes", "WireFormats", "APITranslation", "AdmissionControl", "HTTPServing",
                "Storage", "Upstream", "Telemetry", "WebSocketTransport", nioCore, nioPosix, nioHTTP1, nioSSL, crypto,
                configuration, logging, metrics, tracing, yams,
            ],
            exclude: ["Web/files"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "dashscope-gateway",
            dependencies: [
                "CProcess", "Gateway", "DashScopeEmulator", "APITranslation", "HTTPServing", "JSONBytes", "Telemetry",
                nioCore, nioPosix, nioSSL, logging, metrics, tracing,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["functions.order"],
            swiftSettings: settings + staticRuntime,
            linkerSettings: staticLinking + quickLinking
        ),

        .target(
            name: "TestSupport",
            dependencies: [nioCore],
            path: "Tests/TestSupport",
            swiftSettings: settings,
            linkerSettings: quickLinking
        ),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "APITranslation", "AdmissionControl", "HTTPServing", "JSONBytes", "Upstream", "WireFormats", nioCore,
                nioEmbedded,
            ],
            path: "Tests/FuzzTargets",
            swiftSettings: settings
        ),
        .testTarget(name: "CorpusTests", dependencies: ["FuzzTargets"], swiftSettings: settings),
        .testTarget(name: "ByteWritingTests", dependencies: ["ByteWriting", nioCore], swiftSettings: settings),
        .testTarget(
            name: "JSONBytesTests",
            dependencies: ["ByteWriting", "JSONBytes", "TestSupport", nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WireFormatsTests",
            dependencies: ["WireFormats", "TestSupport", nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "APITranslationTests",
            dependencies: ["APITranslation", "JSONBytes", "WireFormats", "TestSupport", nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTPServingTests",
            dependencies: [
                "ByteWriting", "HTTPServing", "TestSupport", nioCore, nioPosix, nioHTTP1, nioHTTP2, nioHPACK, nioSSL,
                nioTLS, nioEmbedded,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AdmissionControlTests",
            dependencies: ["AdmissionControl", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Storage", "TestSupport", nioCore, nioPosix],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: [
                "ByteWriting", "Telemetry", "TestSupport", nioCore, logging, metrics, coreMetrics, tracing,
                instrumentation,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "UpstreamTests",
            dependencies: ["Upstream", "TestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded, nioSSL],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WebSocketTransportTests",
            dependencies: [
                "WebSocketTransport", "Upstream", "TestSupport", nioCore, nioPosix, nioHTTP1, nioWebSocket,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DashScopeEmulatorTests",
            dependencies: ["DashScopeEmulator", "HTTPServing", "TestSupport", nioCore, nioPosix, nioHTTP1],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "ByteWriting", "Gateway", "APITranslation", "AdmissionControl", "JSONBytes", "Telemetry", "Upstream",
                "TestSupport", nioCore, nioPosix, nioEmbedded, logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Gateway", "Storage", "Telemetry", "Upstream", "DashScopeEmulator", "HTTPServing", "APITranslation",
                "AdmissionControl", "TestSupport", "WireFormats", nioCore, nioPosix, nioHTTP1, nioHTTP2, nioHPACK,
                nioWebSocket, nioSSL, nioTLS,
            ],
            swiftSettings: settings
        ),
    ]
)

// Benchmarks are built when they are asked for: GATEWAY_BENCHMARKS=1 swift run -c release gateway-benchmarks
if Context.environment["GATEWAY_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "gateway-benchmarks",
            dependencies: ["APITranslation", "AdmissionControl", "JSONBytes", "WireFormats", nioCore],
            path: "Benchmarks",
            exclude: ["thresholds.json"],
            swiftSettings: settings + [.defaultIsolation(MainActor.self)]
        )
    )
    // What the stage `costs` counts.
    package.targets.append(
        .executableTarget(
            name: "gateway-costs",
            dependencies: [
                "APITranslation", "AdmissionControl", "HTTPServing", "JSONBytes", "Upstream", "WireFormats", nioCore,
            ],
            path: "Tests/Costs",
            swiftSettings: settings
        )
    )
}

// The fuzzer is built by scripts/fuzz.sh, with the instruments that it needs.
if Context.environment["GATEWAY_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "gateway-fuzzer",
            dependencies: ["FuzzTargets"],
            path: "Tests/Fuzzer",
            swiftSettings: settings
        )
    )
}

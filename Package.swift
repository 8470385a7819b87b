// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "dashscope-gateway",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: [.defaults, "YAML"]
        ),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "JSONBytes", dependencies: [nioCore], swiftSettings: settings),
        .target(name: "WireFormats", dependencies: [nioCore], swiftSettings: settings),
        .target(
            name: "APITranslation",
            dependencies: ["JSONBytes", "WireFormats", nioCore],
            exclude: ["Catalog/models.json"],
            swiftSettings: settings
        ),
        .target(
            name: "HTTPServing",
            dependencies: [nioCore, nioPosix, nioHTTP1, nioSSL],
            swiftSettings: settings
        ),
        .target(
            name: "Upstream",
            dependencies: ["WireFormats", nioCore, nioPosix, nioSSL],
            swiftSettings: settings
        ),
        .target(name: "Telemetry", dependencies: [nioCore], swiftSettings: settings),
        .target(
            name: "DashScopeEmulator",
            dependencies: ["HTTPServing", nioCore, nioPosix, nioHTTP1, nioSSL],
            swiftSettings: settings
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "JSONBytes", "WireFormats", "APITranslation", "HTTPServing", "Upstream", "Telemetry", nioCore,
                nioPosix, nioHTTP1, nioSSL, configuration, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "dashscope-gateway",
            dependencies: [
                "Gateway", "DashScopeEmulator", "APITranslation", serviceLifecycle, nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        .target(name: "TestSupport", dependencies: [nioCore], path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(
            name: "JSONBytesTests",
            dependencies: ["JSONBytes", "TestSupport", nioCore],
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
            dependencies: ["HTTPServing", "TestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded],
            swiftSettings: settings
        ),
        .testTarget(
            name: "UpstreamTests",
            dependencies: ["Upstream", "TestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DashScopeEmulatorTests",
            dependencies: ["DashScopeEmulator", "HTTPServing", "TestSupport", nioCore, nioPosix, nioHTTP1],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Gateway", "APITranslation", "Telemetry", "TestSupport", nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Gateway", "DashScopeEmulator", "HTTPServing", "APITranslation", "TestSupport", nioCore, nioPosix,
                nioHTTP1, nioSSL,
            ],
            swiftSettings: settings
        ),
    ]
)

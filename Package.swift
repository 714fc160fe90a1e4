// swift-tools-version: 6.2
// Apus: one target per room; the folders show the floors, imports point downward only.

import PackageDescription

/// Every Swift target is built the same strict way; a warning is an error.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .unsafeFlags(["-Xcc", "-D_GNU_SOURCE"]),
]

func room(_ name: String, _ path: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func system(_ name: String, _ package: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", providers: [.apt([package])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: path ?? "Tests/\(name)",
        exclude: [], swiftSettings: strict)
}

let system: [Target] = [
    system("CUV", "libuv1-dev"),
    system("CCurl", "libcurl4-openssl-dev"),
    system("CZlib", "zlib1g-dev"),
    system("CArgon2", "libargon2-dev"),
    system("CIDN2", "libidn2-dev"),
    system("CUTF8Proc", "libutf8proc-dev"),
    system("CXXHash", "libxxhash-dev"),
    .target(
        name: "CIntrinsics", path: "Sources/System/CIntrinsics",
        cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2"])]),
]

let ground: [Target] = [
    room("Bytes", "Sources/Ground/Bytes", ["CIntrinsics", "CXXHash"]),
    room("Text", "Sources/Ground/Text", ["Bytes", "CUTF8Proc", "CIDN2"]),
    room("Host", "Sources/Ground/Host", ["Bytes", "CIntrinsics", "CUV", "CArgon2"]),
    room("HTTP", "Sources/Ground/HTTP", ["Bytes", "Text", "Host", "CZlib", "CCurl"]),
]

let engines: [Target] = [
    room("Journal", "Sources/Engines/Journal", ["Bytes", "Host"]),
    room("Storage", "Sources/Engines/Storage", ["Bytes", "Host", "Journal"]),
]

let platform: [Target] = [
    room("Platform", "Sources/Platform", ["Bytes"])
]

let services: [Target] = [
    room(
        "DatabaseEngine", "Sources/Services/Database/Engine",
        ["Bytes", "Host", "Journal", "Storage", "Platform"]),
    room(
        "DatabaseServer", "Sources/Services/Database/Server",
        ["Bytes", "Host", "Journal", "Storage", "Platform", "DatabaseEngine"]),
]

let product: [Target] = [
    room("Accounts", "Sources/Product/Accounts", ["Bytes", "Text", "Platform"]),
    room("Bookmarks", "Sources/Product/Bookmarks", ["Bytes", "Text", "Platform"]),
    room("Capacity", "Sources/Product/Capacity", ["Platform"]),
    room(
        "Web", "Sources/Product/Web",
        ["Bytes", "Text", "Platform", "HTTP", "Accounts", "Bookmarks", "Capacity"]),
]

let program: [Target] = [
    .executableTarget(
        name: "apus",
        dependencies: [
            "Bytes", "Text", "Host", "HTTP", "Journal", "Storage", "Platform", "DatabaseEngine",
            "DatabaseServer", "Accounts", "Bookmarks", "Capacity", "Web",
        ],
        path: "Sources/apus", swiftSettings: strict),
    // Linked only here, and built with `swift build -c release`, never for `./run`.
    .executableTarget(
        name: "apus-bench",
        dependencies: ["Bytes", "Host", "Journal", "Storage", "Platform", "DatabaseServer"],
        path: "Benchmarks/PortCall", swiftSettings: strict),
]

let suites: [Target] = [
    tests("BytesTests", ["Bytes"]),
    tests("TextTests", ["Bytes", "Text"]),
    tests("HostTests", ["Bytes", "Host"]),
    tests("HTTPTests", ["Bytes", "Text", "Host", "HTTP"]),
    tests("JournalTests", ["Bytes", "Host", "Journal"]),
    tests("StorageTests", ["Bytes", "Host", "Journal", "Storage"]),
    tests("PlatformTests", ["Bytes", "Platform"]),
    tests(
        "DatabaseEngineTests",
        ["Bytes", "Host", "Journal", "Storage", "Platform", "DatabaseEngine"]),
    tests(
        "DatabaseServerTests",
        [
            "Bytes", "Host", "Journal", "Storage", "Platform", "DatabaseEngine",
            "DatabaseServer", "DatabaseContract",
        ]),
    .target(
        name: "DatabaseContract", dependencies: ["Bytes", "Platform"],
        path: "Tests/Contracts/Database", swiftSettings: strict),
    .target(
        name: "ProductFakes", dependencies: ["Bytes", "Platform"],
        path: "Tests/Contracts/Product", swiftSettings: strict),
    tests("AccountsTests", ["Bytes", "Platform", "Accounts", "ProductFakes"]),
    tests("BookmarksTests", ["Bytes", "Text", "Platform", "Bookmarks", "ProductFakes"]),
    tests("CapacityTests", ["Platform", "Capacity", "ProductFakes"]),
    tests(
        "WebTests",
        [
            "Bytes", "Text", "Host", "HTTP", "Platform", "Accounts", "Bookmarks", "Capacity",
            "Web",
            "DatabaseServer", "ProductFakes",
        ]),
]

let package = Package(
    name: "apus",
    products: [.executable(name: "apus", targets: ["apus"])],
    targets: system + ground + engines + platform + services + product + program + suites,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)

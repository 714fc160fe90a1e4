// The schemas of accounts, sessions, tokens and operators.

import Accounts
import Text

extension OpenAPIDocument {
    var accountSchemas: [JSON.Member] {
        ownSchemas + tokenSchemas + operatorSchemas
    }

    private static let time: [JSON.Member] = [JSON.Member("format", "date-time")]
    private static let timeOrNull: JSON = ["type": ["string", "null"], "format": "date-time"]

    private static func input(_ properties: JSON, required: [String]) -> JSON {
        guard case .object(let members) = object(properties, required: required) else {
            return properties
        }
        return .object(members + [JSON.Member("additionalProperties", false)])
    }

    private static func list(_ item: String) -> JSON {
        object(
            [
                "items": .type("array", nil, [JSON.Member("items", .reference(item))]),
                "next": ["type": ["string", "null"]],
            ], required: ["items", "next"])
    }

    private var password: JSON {
        .type(
            "string", "At most \(Accounts.passwordBytesMax) bytes.",
            [JSON.Member("minLength", .integer(Int64(Accounts.passwordBytesMin)))])
    }

    private var ownSchemas: [JSON.Member] {
        [
            JSON.Member(
                "NewAccount",
                Self.input(
                    [
                        "name": .type("string"), "password": password,
                        "invitation": .type("string", "Where sign-up needs one."),
                    ], required: ["name", "password"])),
            JSON.Member(
                "AccountChanges", Self.input(["name": .type("string")], required: ["name"])),
            JSON.Member(
                "PasswordChange",
                Self.input(
                    ["old": .type("string"), "new": password], required: ["old", "new"])),
            JSON.Member(
                "Erasure",
                Self.input(
                    [
                        "password": .type("string"),
                        "leavesNoOperator": .type(
                            "boolean", "True when the last operator knows what that means."),
                    ], required: ["password"])),
            JSON.Member(
                "SessionInfo",
                Self.object(
                    [
                        "id": .type("string", "Not the token."),
                        "created": .type("string", nil, Self.time),
                        "seen": .type("string", "At most a day behind.", Self.time),
                        "expires": .type("string", nil, Self.time),
                        "address": .type("string"), "agent": .type("string"),
                        "device": .type("string", "The browser in words."),
                        "current": .type("boolean"),
                    ],
                    required: [
                        "id", "created", "seen", "expires", "address", "agent", "device",
                        "current",
                    ])),
            JSON.Member("SessionList", Self.list("SessionInfo")),
        ]
    }

    private var tokenSchemas: [JSON.Member] {
        let scopes: JSON = .type(
            "array", nil,
            [
                JSON.Member("items", ["enum": .array(Scope.allCases.map { .string($0.rawValue) })]),
                JSON.Member("minItems", 1),
            ])
        let name: JSON = .type(
            "string", "One line.",
            [JSON.Member("maxLength", .integer(Int64(APIToken.nameCharactersMax)))])
        return [
            JSON.Member(
                "NewToken",
                Self.input(
                    [
                        "name": name, "scopes": scopes,
                        "days": .type(
                            "integer", "After which it ends; never when not said.",
                            [
                                JSON.Member("minimum", 1),
                                JSON.Member("maximum", .integer(Int64(APIToken.daysMax))),
                            ]),
                    ], required: ["name", "scopes"])),
            JSON.Member(
                "Token",
                Self.object(
                    [
                        "id": .type("string"),
                        "token": .type("string", "Only in the answer that makes it."),
                        "name": name, "scopes": scopes,
                        "created": .type("string", nil, Self.time),
                        "used": Self.timeOrNull, "expires": Self.timeOrNull,
                    ], required: ["id", "name", "scopes", "created", "used", "expires"])),
            JSON.Member("TokenList", Self.list("Token")),
        ]
    }

    private var operatorSchemas: [JSON.Member] {
        let mode: JSON = ["enum": .array(SignUpMode.allCases.map { .string($0.rawValue) })]
        let time = Self.time
        return [
            JSON.Member(
                "Person",
                Self.object(
                    [
                        "id": .type("string"), "name": .type("string"),
                        "operator": .type("boolean"), "created": .type("string", nil, time),
                        "seen": Self.timeOrNull, "bookmarks": .type("integer"),
                        "suspended": .type("boolean"), "erasing": .type("boolean"),
                    ],
                    required: [
                        "id", "name", "operator", "created", "seen", "bookmarks", "suspended",
                        "erasing",
                    ])),
            JSON.Member("PeoplePage", Self.list("Person")),
            JSON.Member(
                "PersonChanges",
                Self.input(["suspended": .type("boolean")], required: ["suspended"])),
            JSON.Member(
                "NewPassword",
                Self.object(["password": .type("string")], required: ["password"])),
            JSON.Member(
                "SignUp",
                Self.object(
                    [
                        "mode": mode,
                        "fixed": .type("boolean", "Whether --signup at the start rules."),
                    ], required: ["mode", "fixed"])),
            JSON.Member("SignUpChange", Self.input(["mode": mode], required: ["mode"])),
            JSON.Member(
                "NewInvitation",
                Self.input(
                    [
                        "note": .type(
                            "string", "For whom.",
                            [
                                JSON.Member(
                                    "maxLength", .integer(Int64(Invitation.noteCharactersMax)))
                            ])
                    ], required: [])),
            JSON.Member(
                "Invitation",
                Self.object(
                    [
                        "id": .type("string"),
                        "invitation": .type("string", "Only in the answer that makes it."),
                        "path": .type("string", "What the invited person opens; likewise."),
                        "note": .type("string"), "by": .type("string"),
                        "created": .type("string", nil, time),
                        "expires": .type("string", nil, time),
                    ], required: ["id", "note", "by", "created", "expires"])),
            JSON.Member("InvitationList", Self.list("Invitation")),
        ]
    }
}

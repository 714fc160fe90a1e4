import Bookmarks

/// Small files of our own, after what the programs write.
extension FormatTests {
    static let rows = browsers + services + tables

    private static let browsers: [Row] = [
        Row(
            name: "Chrome: microseconds since 1601, names behind the children, roots without tag",
            format: .chrome,
            text: """
                {"checksum": "0", "roots": {"bookmark_bar": {"children": [
                {"date_added": "13118850929335823", "id": "6", "name": "One", "type": "url",
                 "url": "https://one.org/"},
                {"children": [{"children": [{"date_added": "13118850930335823", "name": "Two",
                 "type": "url", "url": "https://two.org/"}], "name": "inner", "type": "folder"},
                 {"date_added": "13118850931335823", "name": "Three", "type": "url",
                  "url": "javascript:void(0)"},
                 {"date_added": "13118850932335823", "name": "Four", "type": "url",
                  "url": "https://four.org/"}],
                 "name": "Outer, folder", "type": "folder"}],
                "name": "Barre de favoris", "type": "folder"},
                "other": {"children": [ ], "name": "Autres favoris", "type": "folder"}},
                "version": 1}
                """,
            expected: [
                "https://one.org/ | One |  | p | 2016-09-20T13:15:29.335Z",
                "https://two.org/ | Two | Outer folder, inner | p | 2016-09-20T13:15:30.335Z",
                "https://four.org/ | Four | Outer folder | p | 2016-09-20T13:15:32.335Z",
            ], refused: ["6: addresses of the kind javascript: are not kept"]),
        Row(
            name:
                "Firefox: microseconds, tags, descriptions of old, feeds, smart folders, separators",
            format: .firefox,
            text: """
                {"guid": "root________", "title": "", "type": "text/x-moz-place-container",
                "root": "placesRoot", "children": [
                {"guid": "menu________", "title": "Menu", "type": "text/x-moz-place-container",
                "root": "bookmarksMenuFolder", "children": [
                {"guid": "a", "title": "One", "dateAdded": 1388166091644000,
                 "lastModified": 1388166091644000, "tags": "x,y z", "type": "text/x-moz-place",
                 "annos": [{"name": "bookmarkProperties/description", "value": "About one"}],
                 "uri": "https://one.org/"},
                {"guid": "b", "type": "text/x-moz-place-separator"},
                {"guid": "c", "title": "Recent", "type": "text/x-moz-place",
                 "uri": "place:sort=12"},
                {"guid": "d", "title": "News", "type": "text/x-moz-place-container",
                 "annos": [{"name": "livemark/feedURI", "value": "https://feed.org/"}],
                 "children": []},
                {"guid": "e", "title": "Folder", "type": "text/x-moz-place-container",
                 "children": [{"guid": "f", "title": "Two", "dateAdded": 1388166092644000,
                 "type": "text/x-moz-place", "uri": "https://two.org/"}]}]}]}
                """,
            expected: [
                "https://one.org/ | One | x, y z | p | 2013-12-27T17:41:31.644Z | About one",
                "https://two.org/ | Two | Folder | p | 2013-12-27T17:41:32.644Z",
            ], refused: ["10: addresses of the kind place: are not kept"], feeds: 1),
    ]

    private static let services: [Row] = [
        Row(
            name: "Pinboard: description is the title, tags by spaces, shared and toread",
            format: .pinboard,
            text: """
                [{"href":"https:\\/\\/one.org\\/","description":"One","extended":"More \\u00e9",
                "time":"2016-10-31T15:57:56Z","shared":"yes","toread":"no","tags":"a b"},
                {"href":"https://two.org/","description":"Two \\ud83d\\ude42","extended":"",
                "time":"2016-10-31T15:57:57Z","shared":"no","toread":"yes","tags":""}]
                """,
            expected: [
                "https://one.org/ | One | a, b |  | 2016-10-31T15:57:56.000Z | More é",
                "https://two.org/ | Two 🙂 |  | pu | 2016-10-31T15:57:57.000Z",
            ]),
        Row(
            name: "wallabag 2: zone without a colon, archived, starred, annotations",
            format: .wallabag2,
            text: """
                [{"id": 1, "title": "One", "url": "https://one.org/", "is_archived": true,
                "created_at": "2016-09-08T11:55:58+0200", "is_starred": false,
                "content": "<a href=\\"https://no.org\\">no</a>", "tags": ["a", {"label": "b"}],
                "annotations": [{"text": "mine", "quote": "theirs", "ranges": []}]},
                {"is_archived": 0, "is_starred": 1, "title": "Two", "url": "https://two.org/",
                "created_at": "2016-09-08T11:55:59+0200", "annotations": [], "tags": []}]
                """,
            expected: [
                "https://one.org/ | One | a, b | p | 2016-09-08T09:55:58.000Z |  | > theirs\nmine",
                "https://two.org/ | Two |  | puf | 2016-09-08T09:55:59.000Z",
            ]),
        Row(
            name: "wallabag 1: columns twice over, flags as texts", format: .wallabag1,
            text: """
                [{"0": "3", "1": "One", "2": "https://one.org/", "id": "3", "title": "One",
                "url": "https://one.org/", "is_read": "1", "is_fav": "1", "tags": "a,b"}]
                """,
            expected: ["https://one.org/ | One | a, b | pf | 2023-11-14T22:13:20.000Z"]),
        Row(
            name: "Omnivore: state and labels", format: .omnivore,
            text: """
                [{"id": "1", "slug": "one", "title": "One", "description": "About", "author": "x",
                "url": "https://one.org/", "state": "Archived", "labels": ["RSS"],
                "savedAt": "2024-10-29T16:30:11.000Z"},
                {"slug": "two", "title": "Two", "url": "https://two.org/", "state": "Active",
                "labels": [{"name": "later"}], "savedAt": "2022-10-29T16:30:12.000Z"}]
                """,
            expected: [
                "https://two.org/ | Two | later | pu | 2022-10-29T16:30:12.000Z",
                "https://one.org/ | One | RSS | p | 2023-11-14T22:13:20.000Z | About",
            ]),
        Row(
            name: "Delicious: seconds as text, an empty tag", format: .delicious,
            text: """
                [{"title": "One", "tags": ["a", ""], "url": "https://one.org/",
                "description": "About", "created": "1358531607", "others": 9, "owner": "m",
                "private": "0"}]
                """,
            expected: ["https://one.org/ | One | a |  | 2013-01-18T17:53:27.000Z | About"]),
        Row(
            name: "Readability: entities in its texts, a list beside the list",
            format: .readability,
            text: """
                {"bookmarks": [{"article__excerpt": "It&#x2019;s&hellip;", "favorite": true,
                "article__url": "https://one.org/", "date_added": "2016-08-01T05:24:16",
                "article__title": "One & two", "archive": false}, {"archive": true}],
                "recommendations": []}
                """,
            expected: ["https://one.org/ | One & two |  | puf | 2016-08-01T05:24:16.000Z | It’s…"],
            refused: ["3: there is no address"]),
        Row(
            name: "elCurator", format: .elcurator,
            text: """
                [{"created_at": "2015-09-09 11:10:32 UTC", "title": "One",
                "url": "https://one.org/", "description": null, "tags": ["a"], "is_saved": true}]
                """,
            expected: ["https://one.org/ | One | a | pf | 2015-09-09T11:10:32.000Z"]),
        Row(
            name: "Pocket's HTML: two lists", format: .pocketHTML,
            text: """
                <!DOCTYPE html><html><!--So long--><head><title>Pocket Export</title></head><body>
                <h1>Unread</h1><ul>
                <li><a href="https://one.org/" time_added="1688628695" tags="a,b">One &amp; 1</a>
                </li></ul><h1>Read Archive</h1><ul>
                <li><a href="https://two.org/" time_added="1688628696" tags="">Two</a></li>
                </ul></body></html>
                """,
            expected: [
                "https://one.org/ | One & 1 | a, b | pu | 2023-07-06T07:31:35.000Z",
                "https://two.org/ | Two |  | p | 2023-07-06T07:31:36.000Z",
            ]),
        Row(
            name: "JSON of nobody known: what has an address is read", format: .json,
            text: "{\"data\": {\"links\": [{\"name\": \"One\", \"uri\": \"https://one.org/\"}]}}",
            expected: ["https://one.org/ | One |  | p | 2023-11-14T22:13:20.000Z"]),
    ]

    private static let tables: [Row] = [
        Row(
            name: "Pocket's CSV: tags by bars, quotes and line ends in a title, status",
            format: .pocketCSV,
            text: "title,url,time_added,tags,status\r\n"
                + "\"One, \"\"two\"\"\r\nthree\",https://one.org/,1600322788,a|b c,unread\r\n"
                + "Two,https://two.org/,1600322789,,archive\r\n"
                + "Bad,notanaddress,1600322790,,unread\r\n",
            expected: [
                "https://one.org/ | One, \"two\" three | a, b c | pu | 2020-09-17T06:06:28.000Z",
                "https://two.org/ | Two |  | p | 2020-09-17T06:06:29.000Z",
            ], refused: ["5: an address begins with http://, https:// or ftp://"]),
        Row(
            name: "Instapaper: its own folders are states", format: .instapaper,
            text: """
                URL,Title,Selection,Folder,Timestamp
                https://one.org/,One,,Unread,1600322788
                https://two.org/,"Two",Chosen words,Archive,1600322789
                https://three.org/,Three,,Starred,1600322790
                https://four.org/,Four,,my folder,1600322791
                """,
            expected: [
                "https://one.org/ | One |  | pu | 2020-09-17T06:06:28.000Z",
                "https://two.org/ | Two |  | p | 2020-09-17T06:06:29.000Z | Chosen words",
                "https://three.org/ | Three |  | pf | 2020-09-17T06:06:30.000Z",
                "https://four.org/ | Four | my folder | p | 2020-09-17T06:06:31.000Z",
            ]),
        Row(
            name: "a table with semicolons and other names of columns", format: .csv,
            text: """
                "Title";"Link";"Note";"Labels";"Created";"Favorite"
                "One";"https://one.org/";"line 1
                line 2";"a, b";"2020-01-02 03:04:05";"true"
                """,
            expected: [
                "https://one.org/ | One | a, b | pf | 2020-01-02T03:04:05.000Z |  | line 1\nline 2"
            ]),
        Row(
            name: "a list of addresses: alone, with a title, as Markdown", format: .text,
            text: """
                https://one.org/

                - [Two [2]](https://two.org/a_(b))
                https://three.org/ \tThree  words
                <https://four.org/> Four
                ftp://five.org/
                no address at all
                """,
            expected: [
                "https://one.org/ |  |  | p | 2023-11-14T22:13:20.000Z",
                "https://two.org/a_(b) | Two [2] |  | p | 2023-11-14T22:13:20.000Z",
                "https://three.org/ | Three words |  | p | 2023-11-14T22:13:20.000Z",
                "https://four.org/ | Four |  | p | 2023-11-14T22:13:20.000Z",
                "ftp://five.org/ |  |  | p | 2023-11-14T22:13:20.000Z",
            ], refused: ["7: an address begins with http://, https:// or ftp://"]),
    ]
}

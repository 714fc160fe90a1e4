/// The site's mark: a common swift (Apus apus) in flight, drawn in the colour of the text.
let mark: HTML = """
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path fill="currentColor" \
    d="M16 10.2c.9-1.3 2.2-1.4 2.9-.4C22 6.6 26 4.2 31 3.4 26.4 6.2 22.8 10.4 19.6 \
    15.2c-.5 4.2-1.5 8.4-4.6 13.4.3-1.9.3-3.2 0-4.3-.8 1.2-1.9 2.3-3.5 3.3 2-4.2 \
    2.5-7.7 2.3-11.6C9.9 13 5.8 12.6 1 14.8 5.2 9.4 11 8 16 10.2z"/></svg>
    """

/// The same as a browser's icon for the page.
let markIcon: StaticString = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>path{fill:#0a626e}\
    @media (prefers-color-scheme:dark){path{fill:#7ccdd7}}</style><path \
    d="M16 10.2c.9-1.3 2.2-1.4 2.9-.4C22 6.6 26 4.2 31 3.4 26.4 6.2 22.8 10.4 19.6 \
    15.2c-.5 4.2-1.5 8.4-4.6 13.4.3-1.9.3-3.2 0-4.3-.8 1.2-1.9 2.3-3.5 3.3 2-4.2 \
    2.5-7.7 2.3-11.6C9.9 13 5.8 12.6 1 14.8 5.2 9.4 11 8 16 10.2z"/></svg>
    """

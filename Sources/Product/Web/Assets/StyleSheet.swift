// The look of the site: one sheet, system fonts, nothing fetched from elsewhere.
//
// Colours are pairs that keep WCAG AA (4.5 : 1 for text) on every ground that they stand on, in
// the light and in the dark. Sizes hang on the reader's own font size; one column, at most 46rem.

/// The site's style sheet.
let styleSheet: StaticString = """
    :root {
      color-scheme: light dark;
      --paper: #faf9f6; --card: #ffffff; --ink: #1b2430; --soft: #596473; --line: #e2dfd6;
      --edge: #8a919b; --accent: #0a626e; --on-accent: #ffffff; --wash: #e6f1f1;
      --danger: #a2242b; --danger-wash: #fbeceb; --good-wash: #e9f3ea; --focus: #b4530a;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #11161b; --card: #181f26; --ink: #e4e8eb; --soft: #9da8b3; --line: #2a333c;
        --edge: #6f7b87; --accent: #7ccdd7; --on-accent: #0b2327; --wash: #17303a;
        --danger: #ff9d97; --danger-wash: #361f21; --good-wash: #1b3024; --focus: #f0a35e;
      }
    }
    *, *::before, *::after { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; background: var(--paper); }
    body {
      margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55;
      font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
      overflow-wrap: anywhere;
    }
    h1, h2, .brand {
      font-family: ui-serif, "Iowan Old Style", "Palatino Linotype", Palatino, "Noto Serif",
        Georgia, serif;
      font-weight: 600; line-height: 1.2; text-wrap: balance;
    }
    h1 { font-size: 1.6rem; margin: 0 0 .75rem; }
    h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
    p { margin: 0 0 1rem; }
    a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: .06em; }
    a:hover { text-decoration-thickness: .12em; }
    :focus-visible { outline: .16rem solid var(--focus); outline-offset: .16rem;
      border-radius: .2rem; }
    code { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
      font-size: .92em; }
    .skip { position: absolute; left: -200rem; }
    .skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .4rem .8rem;
      z-index: 1; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
      clip-path: inset(50%); white-space: nowrap; }
    .wide { max-width: 46rem; margin-inline: auto; padding-inline: 1.1rem; }
    .wide.more { max-width: 64rem; }
    [hidden] { display: none !important; }

    .top { border-bottom: 1px solid var(--line); }
    .top .wide { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.1rem;
      padding-block: .7rem; }
    .brand { display: inline-flex; align-items: center; gap: .45rem; font-size: 1.3rem;
      color: var(--ink); text-decoration: none; letter-spacing: .01em; }
    .brand svg { width: 1.9rem; height: 1.9rem; color: var(--accent); }
    .top nav { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.1rem;
      flex: 1; font-size: .92rem; }
    .top nav a { color: var(--soft); text-decoration: none; padding-block: .25rem; }
    .top nav a:hover { color: var(--ink); text-decoration: underline; }
    .top nav a[aria-current] { color: var(--ink); font-weight: 600; }
    .top nav .who { margin-left: auto; max-width: 12rem; overflow: hidden;
      text-overflow: ellipsis; white-space: nowrap; }
    main { padding-block: 1.6rem 3rem; }
    footer { border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; }
    footer .wide { padding-block: 1rem 2rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
    footer a { color: inherit; }

    form { margin: 0; }
    .card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
      padding: 1.1rem; }
    .later { margin-top: 1.4rem; }
    .field { margin-bottom: .8rem; }
    label, .label { display: block; font-size: .88rem; font-weight: 600; margin-bottom: .2rem; }
    .hint { font-weight: 400; color: var(--soft); }
    input[type=text], input[type=password], input[type=search], input[type=url], textarea {
      width: 100%; font: inherit; color: inherit; background: var(--card);
      border: 1px solid var(--edge); border-radius: .4rem; padding: .45rem .6rem;
    }
    textarea { min-height: 4.2rem; resize: vertical; display: block; }
    input[type=file] { font: inherit; max-width: 100%; }
    input[type=file]::file-selector-button { font: inherit; font-size: .92rem; color: inherit;
      background: transparent; border: 1px solid var(--edge); border-radius: .4rem;
      padding: .4rem .8rem; margin-right: .7rem; cursor: pointer; }
    input[aria-invalid=true] { border-color: var(--danger); }
    .wrong { color: var(--danger); font-size: .88rem; margin: .25rem 0 0; }
    .row { display: grid; grid-template-columns: 1fr 1fr; gap: 0 .9rem; align-items: end; }
    .row.last { grid-template-columns: 1fr auto; align-items: end; }
    .row.last button { margin-bottom: .8rem; }
    .checks { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; margin-bottom: .9rem; }
    .checks label { font-weight: 400; margin: 0; display: inline-flex; gap: .4rem;
      align-items: center; }
    input[type=checkbox] { accent-color: var(--accent); width: 1.05rem; height: 1.05rem;
      flex: none; }
    button, .button {
      font: inherit; font-weight: 600; cursor: pointer; display: inline-block;
      text-decoration: none; border-radius: .4rem; padding: .45rem 1.1rem;
      border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent);
      white-space: nowrap;
    }
    button:hover, .button:hover { filter: brightness(1.08); }
    .quiet { background: transparent; color: var(--accent); }
    .quiet:hover { background: var(--wash); filter: none; }
    .grave { background: var(--danger); border-color: var(--danger); color: var(--card); }
    .plain { background: none; border: 0; padding: .25rem 0; font-weight: 400; font-size: inherit;
      color: var(--soft); }
    .plain:hover { color: var(--ink); text-decoration: underline; filter: none; }
    .acts { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; }

    .notice { border-left: .25rem solid var(--accent); background: var(--wash);
      border-radius: 0 .4rem .4rem 0; padding: .6rem .9rem; margin: 0 0 1.2rem; }
    .notice.good { background: var(--good-wash); }
    .notice.bad { border-color: var(--danger); background: var(--danger-wash); }

    .find { display: flex; gap: .6rem; align-items: center; margin: 0 0 .3rem; }
    .find form { display: flex; gap: .5rem; flex: 1; min-width: 0; }
    .find input { min-width: 0; }
    .how { margin-bottom: 1.1rem; }
    .how p { font-size: .92rem; color: var(--soft); margin: 0; }
    .line { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem;
      justify-content: space-between; }
    .line h1 { margin: 0; min-width: 0; }
    .count { color: var(--soft); font-size: .92rem; margin: 0; }
    .chips { display: flex; flex-wrap: wrap; gap: .45rem; margin: .6rem 0 .9rem; }
    .chips a, .chips button { font-size: .88rem; font-weight: 400; line-height: 1.4;
      padding: .2rem .75rem; border: 1px solid var(--line); border-radius: 1rem;
      text-decoration: none; color: var(--soft); background: var(--card); }
    .chips a:hover { color: var(--ink); border-color: var(--edge); }
    .chips a[aria-current] { background: var(--accent); color: var(--on-accent);
      border-color: var(--accent); }
    .inline { display: flex; flex-wrap: wrap; gap: .4rem .6rem; align-items: center;
      margin-bottom: .9rem; font-size: .92rem; }
    .inline label { margin: 0; font-weight: 400; color: var(--soft); }
    .inline input[type=text] { width: auto; flex: 0 1 14rem; min-width: 6rem;
      padding: .25rem .5rem; }
    .inline button { padding: .2rem .8rem; font-size: .92rem; }
    .every input { margin: 0; }
    .every { font-weight: 400; font-size: .85rem; color: var(--soft); margin: 0 0 .5rem;
      display: inline-flex; gap: .6rem; align-items: center; }
    .bookmark { display: grid; grid-template-columns: 1.05rem minmax(0, 1fr); column-gap: .7rem;
      padding: .8rem 0; border-top: 1px solid var(--line); }
    .bookmark > * { grid-column: 2; }
    .bookmark > .pick { grid-column: 1; margin: .22rem 0 0; }
    .bookmark:focus-within { background: linear-gradient(90deg, transparent, var(--wash) 2rem,
      var(--wash) calc(100% - 2rem), transparent); }
    .bookmark h2 { font: inherit; font-weight: 400; font-size: 1.04rem; line-height: 1.4;
      margin: 0; }
    .bookmark.unread h2 { font-weight: 600; }
    .bookmark h2 a { color: var(--ink); text-decoration: none; }
    .bookmark h2 a:hover { color: var(--accent); text-decoration: underline; }
    .icon { width: 1rem; height: 1rem; margin-right: .5rem; vertical-align: -.13rem;
      border-radius: .15rem; }
    .bookmark p { margin: .2rem 0 0; font-size: .94rem; white-space: pre-line; }
    .bookmark .notes { color: var(--soft); padding-left: .7rem;
      border-left: .15rem solid var(--line); margin-top: .35rem; }
    .bookmark.bare { display: block; }
    .facts { display: flex; flex-wrap: wrap; gap: .05rem .8rem; font-size: .85rem;
      color: var(--soft); margin-top: .25rem; align-items: baseline; }
    .facts a { text-decoration: none; padding-block: .12rem; }
    .facts a:hover { text-decoration: underline; }
    .facts .edit { color: var(--soft); }
    .plain.delete:hover { color: var(--danger); }
    .facts .plain { padding: .12rem 0; }
    .facts .push { margin-left: auto; display: flex; gap: .9rem; align-items: baseline; }
    .flag { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .35rem;
      font-size: .8rem; }
    .tag::before { content: "#"; opacity: .75; }
    #bulk.still { display: block !important; position: static; box-shadow: none; margin: 0; }
    #bulk { position: sticky; bottom: .8rem; display: flex; flex-wrap: wrap; gap: .5rem .7rem;
      align-items: center; margin-top: 1rem; padding: .7rem .9rem; background: var(--card);
      border: 1px solid var(--edge); border-radius: .6rem;
      box-shadow: 0 .3rem 1.2rem rgb(0 0 0 / .16); }
    #bulk .field { margin: 0; }
    #bulk output { font-weight: 600; font-size: .92rem; }
    #bulk select, #bulk button, #bulk input { font-size: .95rem; }
    #bulk .field:has(input) { flex: 1 1 10rem; }
    @supports selector(:has(a)) {
      body:not(:has(.pick:checked)) #bulk { display: none; }
      .bookmark:has(.pick:checked) { background: var(--wash); }
    }
    select { font: inherit; color: inherit; background: var(--card); padding: .45rem .6rem;
      border: 1px solid var(--edge); border-radius: .4rem; max-width: 100%; }
    .split { display: grid; gap: 0 2.4rem; grid-template-columns: minmax(0, 1fr); }
    #side { color: inherit; font-size: .92rem; }
    #side h2 { font-size: 1rem; margin: 0 0 .5rem; }
    #side ul { list-style: none; padding: 0; margin: 0 0 .6rem; }
    #side a { text-decoration: none; }
    #side a:hover { text-decoration: underline; }
    #side a[aria-current] { font-weight: 600; color: var(--ink); }
    .cloud { display: flex; flex-wrap: wrap; gap: .1rem .9rem; }
    .cloud .hint { font-size: .85em; font-variant-numeric: tabular-nums; }
    .searches li { padding: .1rem 0; }
    #side:popover-open { inset: auto 0 0 0; width: 100%; max-height: 75vh; margin: 0;
      overflow-y: auto; padding: 1.1rem; border: 0; border-top: 1px solid var(--edge);
      background: var(--card); border-radius: .8rem .8rem 0 0; }
    #side::backdrop, dialog::backdrop { background: rgb(0 0 0 / .4); }
    @media (min-width: 58rem) {
      .wide.more .split { grid-template-columns: minmax(0, 1fr) 14rem; }
      #side { display: block; position: static; width: auto; height: auto; margin: 0; padding: 0;
        border: 0; background: none; overflow: visible; }
      .chips .opener { display: none; }
    }
    dialog { color: inherit; background: var(--card); border: 1px solid var(--edge);
      border-radius: .6rem; padding: 1.2rem 1.4rem; max-width: min(34rem, calc(100% - 2rem)); }
    .keys { margin: 0 0 1rem; }
    .keys div { display: grid; grid-template-columns: 11rem 1fr; gap: .2rem 1rem;
      padding: .25rem 0; }
    .keys dd { margin: 0; }
    kbd { font-family: inherit; font-size: .85rem; border: 1px solid var(--edge);
      border-bottom-width: .15rem; border-radius: .3rem; padding: 0 .4rem; }
    .floating { position: fixed; inset: auto 1rem 1rem auto; max-width: calc(100% - 2rem);
      margin: 0; z-index: 2; border: 1px solid var(--edge);
      box-shadow: 0 .3rem 1.2rem rgb(0 0 0 / .16); }
    .notice .plain { color: var(--accent); text-decoration: underline; padding: 0; }
    .notice form { display: inline; }
    .field { position: relative; }
    .complete { position: absolute; z-index: 2; inset: 100% 0 auto 0; margin: .2rem 0 0;
      padding: .3rem; list-style: none; background: var(--card); border: 1px solid var(--edge);
      border-radius: .4rem; box-shadow: 0 .3rem 1.2rem rgb(0 0 0 / .16); }
    #bulk .complete { inset: auto 0 100% 0; }
    .complete li { padding: .25rem .5rem; border-radius: .3rem; cursor: pointer;
      display: flex; justify-content: space-between; gap: 1rem; }
    .complete li[aria-selected=true], .complete li:hover { background: var(--wash); }
    .pages { display: flex; justify-content: space-between; gap: 1rem;
      border-top: 1px solid var(--line); padding-top: 1rem; }
    .empty { text-align: center; color: var(--soft); padding: 2.5rem 1rem; }
    .empty svg { width: 4rem; height: 4rem; color: var(--edge); display: block;
      margin: 0 auto; }
    .empty.small { padding: 1.6rem 0 0; }
    .sure[open] { text-align: right; }
    .setting { display: flex; gap: .7rem; align-items: baseline; font-weight: 400;
      font-size: 1rem; margin-bottom: .9rem; }
    .tags { list-style: none; padding: 0; margin: 0 0 1rem; columns: 13rem; }
    .tags li { padding: .12rem 0; }
    .tags a { text-decoration: none; }
    .tags a:hover { text-decoration: underline; }
    .tags .hint { font-size: .85rem; font-variant-numeric: tabular-nums;
      padding: .1rem .3rem; }
    .tags.cloud { columns: auto; align-items: baseline; gap: .2rem 1.1rem; line-height: 1.7; }
    .cloud .n1 { font-size: 1.1rem; }
    .cloud .n2 { font-size: 1.25rem; }
    .cloud .n3 { font-size: 1.45rem; }
    .cloud .n4 { font-size: 1.7rem; }
    details summary { cursor: pointer; color: var(--soft); font-size: .92rem; }
    details[open] summary { margin-bottom: .8rem; }

    .hello { padding-block: 1.4rem 1.6rem; }
    .hello h1 { font-size: clamp(1.9rem, 5.5vw, 2.7rem); letter-spacing: -.01em;
      margin-bottom: .8rem; }
    .hello p { font-size: 1.08rem; color: var(--soft); max-width: 36rem; margin: 0; }
    .doors { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.1rem; }
    .points { list-style: none; margin: 2rem 0 0; padding: 0; display: grid; gap: 1.1rem;
      grid-template-columns: repeat(3, 1fr); font-size: .92rem; color: var(--soft); }
    .points strong { display: block; color: var(--ink); }

    progress { width: 100%; height: .7rem; accent-color: var(--accent); }
    .sums { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr));
      gap: .8rem; margin: 0 0 1.4rem; }
    .sums div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
      padding: .6rem .9rem; }
    .sums dt { color: var(--soft); font-size: .85rem; }
    .sums dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
    .things { list-style: none; padding: 0; margin: 0 0 1rem; }
    .things li { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: baseline;
      padding: .55rem 0; border-top: 1px solid var(--line); }
    .things li > div { flex: 1 1 14rem; min-width: 0; }
    .things .hint { font-size: .88rem; }
    .secret code { font-size: 1.05rem; user-select: all; }
    .secret { margin: 0; }
    fieldset { border: 0; padding: 0; min-width: 0; }
    table { width: 100%; border-collapse: collapse; font-size: .9rem; }
    th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
      border-top: 1px solid var(--line); }
    th { border-top: 0; font-size: .85rem; color: var(--soft); font-weight: 600; }
    td:first-child, th:first-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
    tbody th { border-top: 1px solid var(--line); font-size: inherit; white-space: normal; }
    .scroll { overflow-x: auto; }
    .scroll th, .scroll td { white-space: nowrap; overflow-wrap: normal; }
    #machine { grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); }
    #machine dd { font-size: 1.25rem; }
    .log { list-style: none; margin: 0; padding: 0; font-size: .85rem; }
    .log li { padding: .3rem 0 .3rem .7rem; border-left: .2rem solid var(--line); }
    .log .warning { border-color: var(--focus); }
    .log .error { border-color: var(--danger); }

    @media (max-width: 38rem) {
      .doors, .points { grid-template-columns: minmax(0, 1fr); }
      .top nav { display: contents; }
      .top .wide::before { content: ""; flex: 0 0 100%; order: 3; }
      .top nav .who { order: 1; max-width: 9rem; }
      #signout { order: 2; font-size: .92rem; }
      .top nav a { order: 4; }
      .facts .push { margin-left: 0; flex-basis: 100%; gap: 1.4rem; }
      .keys div { grid-template-columns: 8rem 1fr; }
      .find form .quiet { display: none; }
      .floating { inset: auto 1rem 1rem 1rem; }
      main { padding-top: 1.1rem; }
      .card { padding: .9rem; }
    }
    @media (prefers-reduced-motion: no-preference) {
      button, .button, a { transition: color .1s, background-color .1s; }
    }
    """

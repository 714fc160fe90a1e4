-- wrk with a thread for each connection, so each thread is a person: half of what they do is
-- looking at their list, a fifth searching, a fifth adding, a tenth changing what they added last.
-- Every answer is checked, and its time kept by kind.
local ffi = require("ffi")
ffi.cdef [[
    typedef struct { long seconds; long nanoseconds; } apus_time;
    int clock_gettime(int clock, apus_time *time);
]]
local moment = ffi.new("apus_time")
local pause = tonumber(os.getenv("APUS_PAUSE") or "0")
local tokens = {}
for line in io.lines(os.getenv("APUS_TOKENS")) do tokens[#tokens + 1] = line end
local words = { "swift", "nest", "migration", "reading", "river", "letter", "garden", "north" }
local round = os.getenv("APUS_ROUND")
local folder = os.getenv("APUS_TIMES")
local people = 0

local function now()
    ffi.C.clock_gettime(1, moment)
    return tonumber(moment.seconds) * 1000000 + tonumber(moment.nanoseconds) / 1000
end

function setup(thread)
    people = people + 1
    thread:set("person", people)
end

function init()
    math.randomseed(person * 7919)
    headers = { Authorization = tokens[person], ["Content-Type"] = "application/json" }
    -- A file for each person: the states of threads do not share tables. Written out at exit.
    times = io.open(folder .. "/" .. person, "w")
    number, last, kind, began = 0, nil, nil, 0
end

function delay() return pause * (0.5 + math.random()) end

function request()
    number = number + 1
    local dice = math.random(10)
    local method, path, body = "GET", nil, nil
    if dice <= 2 then
        kind, method, path = "add", "POST", "/api/v1/bookmarks"
        body = '{"url":"https://example.org/' .. round .. "/" .. person .. "/" .. number .. '","title":"A '
            .. words[math.random(8)] .. " of " .. words[math.random(8)]
            .. '","tags":["' .. words[math.random(8)] .. '"]}'
    elseif dice == 3 and last then
        kind, method, path = "change", "PATCH", "/api/v1/bookmarks/" .. last
        body = '{"unread":' .. tostring(number % 2 == 0) .. "}"
    elseif dice <= 5 then
        kind, path = "search", "/api/v1/bookmarks?limit=50&q=" .. words[math.random(8)]
        if dice == 5 then path = path .. "+" .. words[math.random(8)] end
    else
        kind, path = "list", "/api/v1/bookmarks?limit=50"
    end
    began = now()
    return wrk.format(method, path, headers, body)
end

function response(status, _, body)
    local wanted = kind == "add" and 201 or 200
    times:write(kind, " ", math.floor(now() - began), "\n")
    if status ~= wanted then times:write("wrong ", kind, " ", status, " ", body:sub(1, 300), "\n") end
    if kind == "add" then last = body:match('"id":"([^"]+)"') end
end

function done(summary)
    local errors = summary.errors
    print("LOST " .. errors.connect + errors.read + errors.write + errors.timeout)
end

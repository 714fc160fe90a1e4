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
local people = 0

local function now()
    ffi.C.clock_gettime(1, moment)
    return tonumber(moment.seconds) * 1000000 + tonumber(moment.nanoseconds) / 1000
end

function setup(thread)
    people = people + 1
    thread:set("person", people)
    persons = persons or {}
    persons[#persons + 1] = thread
end

function init()
    math.randomseed(person * 7919)
    headers = { Authorization = tokens[person], ["Content-Type"] = "application/json" }
    times = { add = {}, list = {}, search = {}, change = {} }
    number, wrong, last, kind, began = 0, "", nil, nil, 0
end

function delay() return pause * (0.5 + math.random()) end

function request()
    number = number + 1
    local dice = math.random(10)
    local method, path, body = "GET", nil, nil
    if dice <= 2 then
        kind, method, path = "add", "POST", "/api/v1/bookmarks"
        body = '{"url":"https://example.org/' .. person .. "/" .. number .. '","title":"A '
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
    local list = times[kind]
    list[#list + 1] = math.floor(now() - began)
    local wanted = kind == "add" and 201 or 200
    if status ~= wanted and wrong == "" then
        wrong = kind .. ": " .. status .. " " .. body:sub(1, 300)
    end
    if kind == "add" then last = body:match('"id":"([^"]+)"') end
end

function done(summary)
    local all = { add = {}, list = {}, search = {}, change = {} }
    for _, thread in ipairs(persons) do
        local problem = thread:get("wrong")
        if problem ~= "" then print("WRONG " .. problem) end
        for kind, list in pairs(thread:get("times")) do
            for _, time in ipairs(list) do table.insert(all[kind], time) end
        end
    end
    local errors = summary.errors
    local lost = errors.connect + errors.read + errors.write + errors.timeout
    print("LOST " .. lost)
    for kind, list in pairs(all) do
        table.sort(list)
        local function at(part) return list[math.max(1, math.ceil(#list * part))] or 0 end
        print(string.format("KIND %s %d %d %d %d", kind, #list, at(0.5), at(0.99), at(1)))
    end
end

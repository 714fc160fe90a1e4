-- wrk: each request saves an address that was not there, for one of the users in turn.
local tokens = {}
for line in io.lines(os.getenv("APUS_TOKENS")) do
    tokens[#tokens + 1] = line
end
local round = os.getenv("APUS_ROUND")
local number = 0

function request()
    number = number + 1
    local body = '{"url":"https://example.org/articles/' .. round .. "/" .. number
        .. '","title":"A title of usual length"}'
    return wrk.format("POST", nil, {
        ["Content-Type"] = "application/json",
        ["Authorization"] = tokens[number % #tokens + 1],
    }, body)
end

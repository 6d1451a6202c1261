-- What was written after a generation. ARGV: id, cursor, how many entries at most.
-- Returns: id, now, cursor, horizon, "1" if there is more; then digest, generation and entry, each.

local page = tonumber(ARGV[3])
local now = whole(clock())
if id == '' then
  return { '', now, '0', '0', '0' }
end
local cursor = ARGV[2]
if id ~= ARGV[1] then
  cursor = '0'
end
local found =
  redis.call('ZRANGEBYSCORE', written, '(' .. cursor, '+inf', 'WITHSCORES', 'LIMIT', 0, page + 1)
local more = #found > 2 * page
local last = math.min(#found, 2 * page)
local reached = more and found[last] or whole(known('#generation'))
local answer = { id, now, reached, whole(known('#horizon')), more and '1' or '0' }
local digests = {}
for at = 1, last, 2 do
  digests[#digests + 1] = found[at]
end
if #digests > 0 then
  local entries = redis.call('HMGET', states, unpack(digests))
  for at, digest in ipairs(digests) do
    if entries[at] then
      answer[#answer + 1] = digest
      answer[#answer + 1] = found[2 * at]
      answer[#answer + 1] = entries[at]
    end
  end
end
return answer

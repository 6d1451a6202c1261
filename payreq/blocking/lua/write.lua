-- Writes each entry whose generation is still the one that was read.
-- ARGV: id, an id for a place that begins, how many live blocks are held at most and how many other
-- entries, how many are forgotten at once, milliseconds for which all is kept after a write; then
-- digest, generation, turned, "B" or "-", expiry in microseconds and text of each.
-- Returns: id, now; then verdict, generation and entry as it now stands, each.

local now = clock()
if id ~= ARGV[1] then
  return { id, whole(now) }
end
if id == '' then
  id = ARGV[2]
  redis.call('DEL', states, written, expiries)
  redis.call('HSET', states, '#id', id)
end
local limit, swept, keep = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local generation, horizon = known('#generation'), known('#horizon')
local live, past = known('#live'), known('#past')

local function count(entry, by)
  if string.sub(entry, 1, 1) == 'B' then
    live = live + by
  else
    past = past + by
  end
end

local function forget(digest)
  local entry = redis.call('HGET', states, digest)
  horizon = math.max(horizon, tonumber(redis.call('ZSCORE', written, digest) or 0))
  if entry then
    count(entry, -1)
  end
  redis.call('HDEL', states, digest)
  redis.call('ZREM', written, digest)
  redis.call('ZREM', expiries, digest)
end

for _, digest in
  ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', whole(now), 'LIMIT', 0, swept))
do
  forget(digest)
end
if past > limit then
  -- What is over expires long before a block does.
  for _, digest in ipairs(redis.call('ZRANGE', expiries, 0, math.min(past - limit, swept) - 1)) do
    if string.sub(redis.call('HGET', states, digest) or '-', 1, 1) ~= 'B' then
      forget(digest)
    end
  end
end

local answer = { id, whole(now) }
local function tell(verdict, number, entry)
  answer[#answer + 1] = verdict
  answer[#answer + 1] = number
  answer[#answer + 1] = entry
end

for at = 6, #ARGV, 6 do
  local digest, read, turned, kind = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local held = redis.call('HGET', states, digest)
  local number = held and redis.call('ZSCORE', written, digest) or '0'
  local was_live = held and string.sub(held, 1, 1) == 'B'
  if tonumber(number) ~= tonumber(read) then
    tell('conflict', number, held or '')
  elseif kind == 'B' and not was_live and live >= limit then
    tell('full', '0', '')
  else
    generation = math.max(generation + 1, now)
    if turned == '0' then
      turned = whole(generation)
    end
    local entry = kind .. turned .. ' ' .. ARGV[at + 5]
    if held then
      count(held, -1)
    end
    count(entry, 1)
    redis.call('HSET', states, digest, entry)
    redis.call('ZADD', written, whole(generation), digest)
    redis.call('ZADD', expiries, ARGV[at + 4], digest)
    tell('written', whole(generation), entry)
  end
end

redis.call(
  'HSET', states,
  '#generation', whole(generation), '#horizon', whole(horizon), '#live', live, '#past', past
)
for _, key in ipairs({ states, written, expiries }) do
  redis.call('PEXPIRE', key, keep)
end
return answer

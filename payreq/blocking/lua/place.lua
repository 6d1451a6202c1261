-- Before each of the scripts. KEYS: a hash of all entries and of what is known of the whole, whose
-- names begin with "#"; a sorted set of the entries' digests by generation; one by their expiry.
-- An entry is "B" or "-" (a live block or not), its `turned`, a space and its text.

local states, written, expiries = KEYS[1], KEYS[2], KEYS[3]

-- Microseconds, whole: numbers pass through Lua as doubles, exact to 2^53.
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function whole(number)
  return string.format('%.0f', number)
end

local function known(name)
  return tonumber(redis.call('HGET', states, name) or 0)
end

-- Where one of the three was evicted, or nothing is left, the place is as good as lost.
local id = ''
if redis.call('EXISTS', states, written, expiries) == 3 then
  id = redis.call('HGET', states, '#id') or ''
end

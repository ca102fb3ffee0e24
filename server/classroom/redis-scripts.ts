/**
 * What Redis does in one step, in its own language. A value is kept as `N BY BODY` (replica.ts); an empty body is
 * a removal. Every change is also an entry of the log, so that who reads it knows what the hash says.
 */

const TELL = `
local function tell(key, length, from, topic, n, field, body)
  redis.call('XADD', key, 'MAXLEN', '~', length, '*',
    'from', from, 'topic', topic, 'n', n, 'key', field, 'body', body)
end
`;

/**
 * KEYS values log. ARGV log-length me field n by body.
 * Returns the version that is there when it is as new, else nothing.
 */
export const PUT = `${TELL}
local old = redis.call('HGET', KEYS[1], ARGV[3])
if old then
  local n, by = string.match(old, '^(%d+) (%S+) ')
  n = tonumber(n)
  if n > tonumber(ARGV[4]) or (n == tonumber(ARGV[4]) and by >= ARGV[5]) then return old end
end
local new = ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6]
redis.call('HSET', KEYS[1], ARGV[3], new)
tell(KEYS[2], ARGV[1], ARGV[2], '=value', 0, ARGV[3], new)
return false
`;

/**
 * KEYS values log. ARGV log-length me field known body; known: the number of the newest version the asker has,
 * a removal. Returns the version that stands.
 */
export const CLAIM = `${TELL}
local old = redis.call('HGET', KEYS[1], ARGV[3])
local n = tonumber(ARGV[4])
if old then
  local there, body = string.match(old, '^(%d+) %S+ (.*)$')
  there = tonumber(there)
  if body ~= '' and there >= n then return old end
  n = math.max(n, there)
end
local new = string.format('%d %s %s', n + 1, ARGV[2], ARGV[5])
redis.call('HSET', KEYS[1], ARGV[3], new)
tell(KEYS[2], ARGV[1], ARGV[2], '=value', 0, ARGV[3], new)
return new
`;

/** KEYS held log. ARGV log-length me field body. Returns 0 when the participant has expired meanwhile. */
export const HOLD = `${TELL}
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[4] == '' then redis.call('HDEL', KEYS[1], ARGV[3])
else redis.call('HSET', KEYS[1], ARGV[3], ARGV[4]) end
tell(KEYS[2], ARGV[1], ARGV[2], '=held', 0, ARGV[3], ARGV[4])
return 1
`;

/** KEYS held log gateways. ARGV log-length me expiry-ms, then fields and bodies. */
export const ARRIVE = `${TELL}
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], '', '1')
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SADD', KEYS[3], ARGV[2])
tell(KEYS[2], ARGV[1], ARGV[2], '=here', 0, '', '')
`;

/** KEYS held log gateways inbox. ARGV log-length me. */
export const LEAVE = `${TELL}
redis.call('DEL', KEYS[1], KEYS[4])
redis.call('SREM', KEYS[3], ARGV[2])
tell(KEYS[2], ARGV[1], ARGV[2], '=left', 0, '', '')
`;

/**
 * KEYS held gateways, then whatever lives as long as the class. ARGV expiry-ms life-ms held-prefix.
 * Returns who is there, nothing when the asker has expired.
 */
export const BEAT = `
if redis.call('PEXPIRE', KEYS[1], ARGV[1]) == 0 then return false end
for i = 2, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
local there = {}
for _, name in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  if redis.call('EXISTS', ARGV[3] .. name) == 1 then there[#there + 1] = name
  else redis.call('SREM', KEYS[2], name) end
end
return there
`;

/** KEYS stream. ARGV length me topic n body life-ms. */
export const APPEND = `${TELL}
tell(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], '', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
`;

-- Jobs in Redis. Each call is one atomic step; the clock is the server's, in milliseconds.
--
--   {queue}:job:<id>      hash: the job; what is absent is empty
--   {queue}:due:<name>    sorted set: jobs that may be taken now; the lowest score is first
--   {queue}:delayed       sorted set: jobs by the time at which they become due
--   {queue}:leased        sorted set: jobs by the time at which their lease lapses
--   {queue}:keys          hash: key of an unfinished job -> its id
--   {queue}:finished      sorted set: jobs by the time at which they finished; the sweep deletes the old ones
--   {queue}:all, {queue}:thread:<id>   sorted sets: jobs by age, to be listed
--
-- KEYS[1] is `{queue}`; ARGV[1] says what to do.

local Q, BATCH = KEYS[1], 100
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function job_key(id) return Q .. ':job:' .. id end
local function text(number) return string.format('%.0f', number) end

local function fields(id)
  local flat, job = redis.call('HGETALL', job_key(id)), {}
  for i = 1, #flat, 2 do job[flat[i]] = flat[i + 1] end
  return job
end

local function shown(id)
  local job = fields(id)
  if not job.id then return false end
  return cjson.encode(job)
end

-- A priority outweighs any time: 1e13 ms is in the year 2286, and 100 * 1e13 is still exact in a double.
local function make_due(id, name, priority, at)
  redis.call('ZADD', Q .. ':due:' .. name, text(at - priority * 1e13), id)
end

local function wait(id, at)
  redis.call('ZREM', Q .. ':leased', id)
  redis.call('HDEL', job_key(id), 'token')
  redis.call('HSET', job_key(id), 'status', 'pending', 'run_at', text(at))
  if at > now then
    redis.call('ZADD', Q .. ':delayed', text(at), id)
  else
    local job = redis.call('HMGET', job_key(id), 'name', 'priority')
    make_due(id, job[1], tonumber(job[2]), at)
  end
end

local function finish(id, status, error)
  local job = fields(id)
  redis.call('ZREM', Q .. ':leased', id)
  redis.call('ZREM', Q .. ':delayed', id)
  redis.call('ZREM', Q .. ':due:' .. job.name, id)
  if job.key ~= '' then redis.call('HDEL', Q .. ':keys', job.key) end
  redis.call('HDEL', job_key(id), 'token')
  redis.call('HSET', job_key(id), 'status', status, 'error', error, 'completed_at', text(now))
  redis.call('ZADD', Q .. ':finished', text(now), id)
end

local function forget(id)
  local thread = redis.call('HGET', job_key(id), 'thread_id')
  if thread then redis.call('ZREM', Q .. ':thread:' .. thread, id) end
  redis.call('ZREM', Q .. ':all', id)
  redis.call('ZREM', Q .. ':finished', id)
  redis.call('DEL', job_key(id))
end

local function before(set, time)
  return redis.call('ZRANGE', set, '-inf', '(' .. text(time), 'BYSCORE', 'LIMIT', 0, BATCH)
end

local function holds(id, token) return redis.call('HGET', job_key(id), 'token') == token end

local step = {}

function step.put(id, key, thread, delay, ...)
  if key ~= '' then
    local known = redis.call('HGET', Q .. ':keys', key)
    if known then return shown(known) end
    redis.call('HSET', Q .. ':keys', key, id)
  end
  redis.call('HSET', job_key(id), 'id', id, 'key', key, 'thread_id', thread, 'created_at', text(now), 'attempts', 0, ...)
  redis.call('ZADD', Q .. ':all', text(now), id)
  if thread ~= '' then redis.call('ZADD', Q .. ':thread:' .. thread, text(now), id) end
  wait(id, now + delay)
  return shown(id)
end

function step.get(id) return shown(id) end

function step.recent(thread, limit)
  local found, list = {}, thread == '' and Q .. ':all' or Q .. ':thread:' .. thread
  for _, id in ipairs(redis.call('ZRANGE', list, 0, limit - 1, 'REV')) do
    local job = shown(id)
    if job then found[#found + 1] = job end
  end
  return found
end

function step.take(token, lease, ...)
  for _, id in ipairs(before(Q .. ':delayed', now + 1)) do
    local job = redis.call('HMGET', job_key(id), 'name', 'priority', 'run_at')
    redis.call('ZREM', Q .. ':delayed', id)
    make_due(id, job[1], tonumber(job[2]), tonumber(job[3]))
  end
  local first, best, from
  for _, name in ipairs({...}) do
    local head = redis.call('ZRANGE', Q .. ':due:' .. name, 0, 0, 'WITHSCORES')
    if head[1] and (not best or tonumber(head[2]) < best) then
      first, best, from = head[1], tonumber(head[2]), name
    end
  end
  if not first then return false end
  redis.call('ZREM', Q .. ':due:' .. from, first)
  redis.call('ZADD', Q .. ':leased', text(now + lease), first)
  redis.call('HINCRBY', job_key(first), 'attempts', 1)
  redis.call('HSET', job_key(first), 'status', 'processing', 'token', token, 'started_at', text(now),
    'progress', '', 'message', '')
  return shown(first)
end

function step.extend(id, token, lease, progress, message)
  if not holds(id, token) then return false end
  redis.call('ZADD', Q .. ':leased', text(now + lease), id)
  redis.call('HSET', job_key(id), 'progress', progress, 'message', message)
  return shown(id)
end

function step.settle(id, token, status, result, error, delay, used)
  if not holds(id, token) then return false end
  if status == 'pending' then
    redis.call('HINCRBY', job_key(id), 'attempts', used - 1)
    redis.call('HSET', job_key(id), 'error', error)
    wait(id, now + delay)
  else
    redis.call('HSET', job_key(id), 'result', result)
    finish(id, status, error)
  end
  return shown(id)
end

function step.cancel(id, error)
  if redis.call('HGET', job_key(id), 'status') ~= 'pending' then return false end
  finish(id, 'failed', error)
  return shown(id)
end

function step.sweep(error, keep)
  local changed = {}
  for _, id in ipairs(before(Q .. ':leased', now)) do
    local job = redis.call('HMGET', job_key(id), 'attempts', 'max_retries')
    if tonumber(job[1]) > tonumber(job[2]) then finish(id, 'failed', error) else wait(id, now) end
    changed[#changed + 1] = shown(id)
  end
  for _, id in ipairs(before(Q .. ':finished', now - keep)) do forget(id) end
  return changed
end

return step[ARGV[1]](unpack(ARGV, 2))

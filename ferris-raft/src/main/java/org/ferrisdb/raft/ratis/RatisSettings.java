package org.ferrisdb.raft.ratis;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.ferrisdb.raft.RaftOptions;

/**
 * Every setting of Ratis that matters, derived from {@link RaftOptions}. Pure.
 *
 * @param options what they are derived from
 */
record RatisSettings(RaftOptions options) {
  /** Room around a payload for the entry's own fields: ids, term, index, checksum, lengths. */
  static final int ENTRY_OVERHEAD_BYTES = 4 << 10;

  private static final long MIN_BYTES_PER_SECOND = 1 << 20;

  /** Largest serialized entry, and most bytes of entries in one append request. */
  int appendBytes() {
    return options.maxEntryBytes() + ENTRY_OVERHEAD_BYTES;
  }

  /** Largest frame on the wire: one append request with its own fields. */
  int maxFrameBytes() {
    return appendBytes() + (1 << 20);
  }

  /** A follower whose log waits for the disk with more than this refuses entries. */
  long maxBytesUnwritten() {
    return 2L * appendBytes();
  }

  /** How long a request to a peer may take before the connection counts as dead. */
  Duration requestTimeout() {
    return options.electionTimeoutMax().multipliedBy(2);
  }

  /**
   * How long a pre-vote may take, which needs no disk. Ratis makes a candidate wait for those that
   * are silent when one other has refused; it is better off trying again. But on a slow line the
   * second try would come too early as well: so then it is given all the time there is.
   *
   * @param unanswered how many in a row the peer has not answered in time
   */
  Duration preVoteTimeout(int unanswered) {
    return unanswered < 2 ? options.electionTimeoutMin().dividedBy(2) : requestTimeout();
  }

  /** {@link #requestTimeout()} for a request of so many bytes: a slow line is not a dead one. */
  Duration requestTimeout(long bytes) {
    return requestTimeout().plusMillis(bytes * 1000 / MIN_BYTES_PER_SECOND);
  }

  /** How long connecting may take. */
  Duration connectTimeout() {
    return options.electionTimeoutMax();
  }

  /**
   * Properties for a server. They do not say where groups live: Ratis would open every group it
   * finds there when it starts, and fail as a whole if one fails; see {@link #setStorage}.
   *
   * @param removed where Ratis would move the logs of groups it is told to keep a copy of
   */
  RaftProperties properties(Path removed) {
    RaftProperties p = new RaftProperties();
    RaftConfigKeys.Rpc.setType(p, new PeerRpcType());
    p.set(RaftConfigKeys.Rpc.TYPE_KEY, PeerRpcType.class.getName());
    setTimes(p);
    setLog(p);
    setThreads(p);
    RaftServerConfigKeys.setRemovedGroupsDir(p, removed.toFile());
    // Flushes are ours to trigger: by bytes, see GroupWatch.
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, false);
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(p, false);
    RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(p, false);
    RaftServerConfigKeys.LeaderElection.setPreVote(p, true);
    // Each proposal has a call id of its own, nothing is ever found in this cache: keep it small.
    RaftServerConfigKeys.RetryCache.setExpiryTime(p, seconds(2));
    RaftServerConfigKeys.RetryCache.setStatisticsExpiryTime(p, seconds(60));
    RaftServerConfigKeys.Read.ReadAfterWriteConsistent.setWriteIndexCacheExpiryTime(p, seconds(1));
    RaftServerConfigKeys.Write.setElementLimit(p, 1024);
    // A no-op counts as a whole MB here, and a refused entry breaks its leader's chain: room for
    // whatever our own limits let in flight, and as much again.
    RaftServerConfigKeys.Write.setByteLimit(
        p, SizeInBytes.valueOf(Math.max(64L << 20, 16L * appendBytes())));
    return p;
  }

  static void setStorage(RaftProperties p, Path storage) {
    RaftServerConfigKeys.setStorageDir(p, List.of(new File(storage.toString())));
  }

  private void setTimes(RaftProperties p) {
    RaftServerConfigKeys.Rpc.setTimeoutMin(p, time(options.electionTimeoutMin()));
    RaftServerConfigKeys.Rpc.setTimeoutMax(p, time(options.electionTimeoutMax()));
    // Until it has heard of a leader since it started, a replica waits for less: service after a
    // restart
    // of all begins sooner, and where there is a leader the pre-vote keeps it from being disturbed.
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
        p, time(options.electionTimeoutMin().dividedBy(2)));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
        p, time(options.electionTimeoutMax().dividedBy(2)));
    RaftServerConfigKeys.Rpc.setRequestTimeout(p, time(requestTimeout()));
    RaftServerConfigKeys.Rpc.setSlownessTimeout(p, seconds(60));
    // A JVM pause longer than this makes a leader step down; our lease does not depend on it.
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, seconds(3));
    // By default Ratis closes the whole server after a pause of a minute, for instance a laptop's
    // sleep.
    RaftServerConfigKeys.setCloseThreshold(p, TimeDuration.valueOf(365, TimeUnit.DAYS));
    // A joining replica that fetches a large checkpoint answers all the time, so this is ample.
    RaftServerConfigKeys.setStagingTimeout(p, time(options.electionTimeoutMax().multipliedBy(5)));
  }

  private void setLog(RaftProperties p) {
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(p, false);
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, SizeInBytes.valueOf(appendBytes()));
    RaftServerConfigKeys.Log.Appender.setWaitTimeMin(p, TimeDuration.ZERO);
    // Direct memory, per replica. Must hold one entry with its length and checksum.
    RaftServerConfigKeys.Log.setWriteBufferSize(p, SizeInBytes.valueOf(appendBytes() + 16));
    RaftServerConfigKeys.Log.setSegmentSizeMax(p, SizeInBytes.valueOf(options.segmentBytes()));
    RaftServerConfigKeys.Log.setPreallocatedSize(
        p, SizeInBytes.valueOf(Math.min(256 << 10, options.segmentBytes())));
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, 2);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(
        p, SizeInBytes.valueOf(2L * options.segmentBytes()));
    RaftServerConfigKeys.Log.setQueueByteLimit(
        p, SizeInBytes.valueOf(Math.max(8L << 20, 2L * appendBytes())));
    // Ratis itself purges what every member has; what else goes is ours to say, see LogRetention.
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(p, false);
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(p, 0);
    RaftServerConfigKeys.Log.setPurgeGap(p, 1);
    // Saves an entry of Ratis's own per commit at low depth; the commit index is learnt anew
    // anyway.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(p, false);
    // With one request in flight there is nothing to compose; it would cost two thread changes.
    RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(p, false);
    RaftServerConfigKeys.Log.setCorruptionPolicy(
        p, RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION);
    RaftServerConfigKeys.Log.setUnsafeFlushEnabled(p, false);
    RaftServerConfigKeys.Log.setAsyncFlushEnabled(p, false);
  }

  /**
   * cached=true with a size would give pools of one thread (see research): sizes are fixed instead.
   */
  private static void setThreads(RaftProperties p) {
    RaftServerConfigKeys.ThreadPool.setProxyCached(p, false);
    RaftServerConfigKeys.ThreadPool.setProxySize(p, 32);
    RaftServerConfigKeys.ThreadPool.setServerCached(p, false);
    RaftServerConfigKeys.ThreadPool.setServerSize(p, 2);
    RaftServerConfigKeys.ThreadPool.setClientCached(p, false);
    RaftServerConfigKeys.ThreadPool.setClientSize(p, 1);
  }

  private static TimeDuration time(Duration d) {
    return TimeDuration.valueOf(d.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static TimeDuration seconds(long n) {
    return TimeDuration.valueOf(n, TimeUnit.SECONDS);
  }
}

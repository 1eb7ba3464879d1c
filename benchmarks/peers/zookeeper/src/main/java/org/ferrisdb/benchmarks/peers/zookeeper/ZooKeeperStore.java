package org.ferrisdb.benchmarks.peers.zookeeper;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.ferrisdb.benchmarks.cluster.PeerStore;
import org.ferrisdb.node.cli.load.StoreException;

/**
 * A session to each server, used in turn. A session answers in the order it was asked, so a sync
 * followed by a getData, both sent at once, reads what was committed when it was asked.
 */
final class ZooKeeperStore extends PeerStore {
  private static final String ROOT = "/r";
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(30);

  private final List<ZooKeeper> sessions;
  private final AtomicInteger turn = new AtomicInteger();

  private ZooKeeperStore(List<ZooKeeper> sessions) {
    this.sessions = sessions;
  }

  static ZooKeeperStore open(List<String> endpoints) {
    List<ZooKeeper> sessions = new ArrayList<>();
    try {
      for (String endpoint : endpoints) {
        sessions.add(new ZooKeeper(endpoint, (int) SESSION_TIMEOUT.toMillis(), _ -> {}));
      }
    } catch (IOException e) {
      throw new StoreException("ZooKeeper's client did not start", false, e);
    }
    return new ZooKeeperStore(List.copyOf(sessions));
  }

  private ZooKeeper session() {
    return sessions.get(Math.floorMod(turn.getAndIncrement(), sessions.size()));
  }

  private static String path(byte[] key) {
    return ROOT + "/" + HexFormat.of().formatHex(key);
  }

  private static StoreException failure(int code) {
    KeeperException e = KeeperException.create(Code.get(code));
    return new StoreException(String.valueOf(e.getMessage()), true, e);
  }

  @Override
  public long put(byte[] key, byte[] value) {
    return await(putAsync(key, value));
  }

  @Override
  public Optional<Stored> get(byte[] key) {
    return await(getAsync(key));
  }

  @Override
  public CompletableFuture<Long> putAsync(byte[] key, byte[] value) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    ZooKeeper session = session();
    String path = path(key);
    session.setData(
        path,
        value,
        -1,
        (code, _, _, stat) -> {
          if (code == Code.OK.intValue()) {
            answer.complete(stat.getMzxid());
          } else if (code == Code.NONODE.intValue()) {
            create(session, path, value, answer);
          } else {
            answer.completeExceptionally(failure(code));
          }
        },
        null);
    return answer;
  }

  /** The first put of a key; the first of all also finds no root. */
  private static void create(
      ZooKeeper session, String path, byte[] value, CompletableFuture<Long> answer) {
    session.create(
        path,
        value,
        Ids.OPEN_ACL_UNSAFE,
        CreateMode.PERSISTENT,
        (code, _, _, _, stat) -> {
          if (code == Code.OK.intValue()) {
            answer.complete(stat.getCzxid());
          } else if (code == Code.NONODE.intValue() && !path.equals(ROOT)) {
            CompletableFuture<Long> root = new CompletableFuture<>();
            create(session, ROOT, new byte[0], root);
            var _ = root.whenComplete((_, _) -> create(session, path, value, answer));
          } else {
            answer.completeExceptionally(failure(code));
          }
        },
        null);
  }

  @Override
  public CompletableFuture<Optional<Stored>> getAsync(byte[] key) {
    CompletableFuture<Optional<Stored>> answer = new CompletableFuture<>();
    ZooKeeper session = session();
    String path = path(key);
    session.sync(
        path,
        (code, _, _) -> {
          if (code != Code.OK.intValue()) {
            answer.completeExceptionally(failure(code));
          }
        },
        null);
    session.getData(
        path,
        false,
        (code, _, _, data, stat) -> {
          if (code == Code.OK.intValue()) {
            answer.complete(Optional.of(new Stored(data, stat.getMzxid())));
          } else if (code == Code.NONODE.intValue()) {
            answer.complete(Optional.empty());
          } else {
            answer.completeExceptionally(failure(code));
          }
        },
        null);
    return answer;
  }

  @Override
  public int scan(byte[] from, int limit) {
    throw new StoreException("ZooKeeper has no scans", false, null);
  }

  @Override
  public void close() {
    for (ZooKeeper session : sessions) {
      try {
        session.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

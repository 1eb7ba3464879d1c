package org.ferrisdb.benchmarks.cluster;

import java.util.List;

/** What a stack was busy with, told from its frames, innermost first. Pure. */
final class Purpose {
  /** A part of a frame's name, and what it means. */
  private record Sign(String part, String purpose) {}

  private static final String SLEEP = "threads: going to sleep";
  private static final String WAKE = "threads: waking another";
  private static final String POLL = "network: waiting for events";
  private static final String SOCKET = "network: read and write";
  private static final String QUEUE = "threads: queues, pools and locks";

  /** System calls: only looked for in the innermost frames, as everything is called by a thread. */
  private static final List<Sign> CALLS =
      List.of(
          new Sign("Unsafe.park", SLEEP),
          new Sign("Unsafe.unpark", WAKE),
          new Sign("Object.wait", SLEEP),
          new Sign("Object.notify", WAKE),
          new Sign("epoll.Native.eventFdWrite", "threads: waking an event loop"),
          new Sign("nio.ch.EventFD", "threads: waking an event loop"),
          new Sign("epoll.Native.epoll", POLL),
          new Sign("nio.ch.EPoll", POLL),
          new Sign("channel.unix.Socket.", SOCKET),
          new Sign("channel.unix.FileDescriptor.", SOCKET),
          new Sign("nio.ch.SocketDispatcher.", SOCKET),
          new Sign("FileDispatcherImpl.force", "disk: fsync"),
          new Sign("FileDispatcherImpl.", "disk: write"),
          new Sign("RandomAccessFile.", "disk: write"));

  /** Whose work it was: the innermost frame that has a sign decides. */
  private static final List<Sign> OWNERS =
      List.of(
          new Sign("org.apache.ratis.server.raftlog.", "Raft log"),
          new Sign("com.google.protobuf.", "protobuf"),
          new Sign("io.netty.", "network: Netty"),
          new Sign("org.apache.ratis.", "Raft: Ratis"),
          new Sign("org.ferrisdb.raft.", "Raft: ours"),
          new Sign("org.ferrisdb.storage.", "engine"),
          new Sign("org.ferrisdb.shard.", "shard: evaluation and apply"),
          new Sign("org.ferrisdb.node.", "node: front door and routing"),
          new Sign("org.ferrisdb.client.", "wire protocol"),
          new Sign("io.micrometer.", "metrics"),
          new Sign("concurrent.ThreadPoolExecutor", QUEUE),
          new Sign("concurrent.ForkJoinPool", QUEUE),
          new Sign("concurrent.LinkedBlockingQueue", QUEUE),
          new Sign("concurrent.locks.", QUEUE));

  /** How deep system calls are looked for: they sit below some wrappers. */
  private static final int DEPTH = 4;

  private Purpose() {}

  /** Of a stack of names {@code package.Class.method}. */
  static String of(List<String> frames) {
    String call = first(frames.subList(0, Math.min(DEPTH, frames.size())), CALLS);
    if (!call.isEmpty()) {
      return call;
    }
    String owner = first(frames, OWNERS);
    return owner.isEmpty() ? "other" : owner;
  }

  private static String first(List<String> frames, List<Sign> signs) {
    for (String frame : frames) {
      for (Sign sign : signs) {
        if (frame.contains(sign.part())) {
          return sign.purpose();
        }
      }
    }
    return "";
  }
}

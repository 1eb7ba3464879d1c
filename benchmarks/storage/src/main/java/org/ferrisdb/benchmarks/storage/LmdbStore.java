package org.ferrisdb.benchmarks.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.SeekOp;
import org.lmdbjava.Txn;

/**
 * LMDB: a B+ tree that is copied where it is written, in one file that is mapped into memory. It
 * has no log and no cache of its own, and writes a transaction at a time; a write that is to be
 * durable syncs the file. Readers keep their transaction and renew it for each operation.
 */
final class LmdbStore implements Store {
  private static final long MAP_BYTES = 16L << 30;
  private static final int READERS = 126;

  private final Env<ByteBuffer> env;
  private final Dbi<ByteBuffer> dbi;
  private final boolean sync;

  /** Of one thread. */
  private final class Own {
    final ByteBuffer key = ByteBuffer.allocateDirect(64);
    final ByteBuffer value = ByteBuffer.allocateDirect(1 << 20);
    final byte[] copy = new byte[1 << 20];
    @Nullable Txn<ByteBuffer> read;

    /** The thread's transaction, begun anew. */
    Txn<ByteBuffer> read() {
      Txn<ByteBuffer> known = read;
      if (known != null) {
        known.renew();
        return known;
      }
      Txn<ByteBuffer> first = env.txnRead();
      read = first;
      readers.add(first);
      return first;
    }
  }

  private final ThreadLocal<Own> own = ThreadLocal.withInitial(Own::new);
  private final Queue<Txn<ByteBuffer>> readers = new ConcurrentLinkedQueue<>();

  LmdbStore(Place place) {
    try {
      Files.createDirectories(place.directory());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.sync = place.log() == Log.SYNCED;
    this.env =
        Env.create()
            .setMapSize(MAP_BYTES)
            .setMaxDbs(1)
            .setMaxReaders(READERS)
            .open(
                place.directory().toFile(),
                EnvFlags.MDB_NOSYNC,
                EnvFlags.MDB_NOMEMINIT,
                EnvFlags.MDB_NOTLS,
                EnvFlags.MDB_NORDAHEAD);
    this.dbi = env.openDbi("data", DbiFlags.MDB_CREATE);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    Own mine = own.get();
    mine.key.clear().put(key).flip();
    mine.value.clear().put(value).flip();
    try (Txn<ByteBuffer> txn = env.txnWrite()) {
      dbi.put(txn, mine.key, mine.value);
      txn.commit();
    }
    if (sync) {
      env.sync(true);
    }
  }

  @Override
  public void delete(byte[] key) {
    Own mine = own.get();
    mine.key.clear().put(key).flip();
    try (Txn<ByteBuffer> txn = env.txnWrite()) {
      dbi.delete(txn, mine.key);
      txn.commit();
    }
    if (sync) {
      env.sync(true);
    }
  }

  private static long sum(Own mine, ByteBuffer bytes) {
    int length = bytes.remaining();
    bytes.get(bytes.position(), mine.copy, 0, length);
    return Store.sum(mine.copy, 0, length);
  }

  @Override
  public long get(byte[] key) {
    Own mine = own.get();
    mine.key.clear().put(key).flip();
    Txn<ByteBuffer> read = mine.read();
    try {
      ByteBuffer found = dbi.get(read, mine.key);
      return found == null ? ABSENT : sum(mine, found);
    } finally {
      read.reset();
    }
  }

  @Override
  public int scan(byte[] from, int limit, boolean forward) {
    Own mine = own.get();
    mine.key.clear().put(from).flip();
    Txn<ByteBuffer> read = mine.read();
    int count = 0;
    long sum = 0;
    try (Cursor<ByteBuffer> cursor = dbi.openCursor(read)) {
      boolean on = cursor.get(mine.key, GetOp.MDB_SET_RANGE);
      if (!forward) {
        boolean beyond = !on || mine.key.compareTo(cursor.key()) != 0;
        on = !beyond || cursor.seek(on ? SeekOp.MDB_PREV : SeekOp.MDB_LAST);
      }
      while (on && count < limit) {
        sum += sum(mine, cursor.key()) + sum(mine, cursor.val());
        count++;
        on = cursor.seek(forward ? SeekOp.MDB_NEXT : SeekOp.MDB_PREV);
      }
    } finally {
      read.reset();
    }
    Sizes.consume(sum);
    return count;
  }

  @Override
  public void flush() {
    env.sync(true);
  }

  /** It has no such thing: pages are used again. */
  @Override
  public void compact() {
    env.sync(true);
  }

  @Override
  public void settle() {}

  @Override
  public void close() {
    readers.forEach(Txn::close);
    env.close();
  }
}

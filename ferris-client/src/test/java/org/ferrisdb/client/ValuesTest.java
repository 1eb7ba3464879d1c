package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ferrisdb.client.Bytes.utf8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The value types: bytes, ranges, cursors, versions, URIs, options. */
class ValuesTest {
  private static byte[] random(Random random, int alphabet) {
    byte[] bytes = new byte[random.nextInt(5)];
    for (int i = 0; i < bytes.length; i++) {
      int letter = random.nextInt(alphabet);
      bytes[i] = (byte) (letter == 0 ? 0xff : letter == 1 ? 0x00 : letter == 2 ? 0x80 : 0x7f);
    }
    return bytes;
  }

  private static int slowCompare(byte[] a, byte[] b) {
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      int difference = (a[i] & 0xff) - (b[i] & 0xff);
      if (difference != 0) {
        return difference;
      }
    }
    return a.length - b.length;
  }

  @Test
  void bytes_are_ordered_unsigned_and_equality_agrees() {
    long seed = System.nanoTime();
    System.out.println("bytes_are_ordered_unsigned_and_equality_agrees seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] a = random(random, 4);
      byte[] b = random(random, 4);
      Bytes left = Bytes.ofBytes(a);
      Bytes right = Bytes.ofBytes(b);

      assertThat(Integer.signum(left.compareTo(right)))
          .isEqualTo(Integer.signum(slowCompare(a, b)));
      assertThat(left.equals(right)).isEqualTo(Arrays.equals(a, b));
      if (left.equals(right)) {
        assertThat(left).hasSameHashCodeAs(right);
      }
      assertThat(left.startsWith(right))
          .isEqualTo(b.length <= a.length && Arrays.equals(Arrays.copyOf(a, b.length), b));
    }
  }

  @Test
  void successor_and_prefix_end_are_the_tightest_bounds() {
    long seed = System.nanoTime();
    System.out.println("successor_and_prefix_end_are_the_tightest_bounds seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      Bytes prefix = Bytes.ofBytes(random(random, 4));
      Bytes other = Bytes.ofBytes(random(random, 4));
      KeyRange range = KeyRange.prefix(prefix);

      assertThat(range.contains(other))
          .as("%s in %s", other, range)
          .isEqualTo(other.startsWith(prefix));
      assertThat(other.compareTo(prefix) > 0).isEqualTo(other.compareTo(prefix.successor()) >= 0);
    }
    assertThat(Bytes.hex("61ffff").prefixEnd()).contains(Bytes.hex("62"));
    assertThat(Bytes.hex("ffff").prefixEnd()).isEmpty();
    assertThat(Bytes.empty().prefixEnd()).isEmpty();
  }

  @Test
  void bytes_are_immutable() {
    byte[] source = {1, 2};
    Bytes bytes = Bytes.ofBytes(source);
    source[0] = 9;
    bytes.toByteArray()[1] = 9;

    assertThat(bytes.toHex()).isEqualTo("0102");
    assertThatThrownBy(() -> bytes.asByteBuffer().put((byte) 1))
        .isInstanceOf(java.nio.ReadOnlyBufferException.class);
    ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3}, 1, 2);
    assertThat(Bytes.copyOf(buffer)).isEqualTo(Bytes.hex("0203"));
    assertThat(buffer.position()).isEqualTo(1);
  }

  @Test
  void bytes_print_for_people() {
    assertThat(utf8("city/paris")).hasToString("\"city/paris\"");
    assertThat(Bytes.hex("00ff")).hasToString("0x00ff");
    assertThat(utf8("a\nb")).hasToString("0x610a62");
    assertThat(utf8("x".repeat(100)).toString())
        .isEqualTo('"' + "x".repeat(64) + "\"... (100 bytes)");
    assertThat(utf8("grün").toUtf8()).isEqualTo("grün");
    assertThat(Bytes.hex("0aFF").concat(Bytes.hex("01")).toHex()).isEqualTo("0aff01");
  }

  @Test
  void versions_tell_the_time() {
    Version version = new Version((1_700_000_000_123L << 16) + 7);

    assertThat(version.instant()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_123L));
    assertThat(version).isGreaterThan(new Version(version.value() - 1));
    assertThatThrownBy(() -> new Version(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cursors_survive_as_text() {
    for (boolean reverse : new boolean[] {false, true}) {
      Cursor cursor = new Cursor(new Version(123_456_789), reverse, Bytes.hex("00ff61"));
      assertThat(Cursor.parse(cursor.toString())).isEqualTo(cursor);
    }
    assertThat(new Cursor(new Version(17), true, utf8("a"))).hasToString("17-r-61");
    for (String nonsense :
        new String[] {"", "17", "17-x-61", "17-f-6", "a-f-61", "17-f-61-", "-1-f-61"}) {
      assertThatThrownBy(() -> Cursor.parse(nonsense)).isInstanceOf(InvalidRequestException.class);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ferris://localhost|ferris://localhost:7001",
        "ferris://a:1,b:2,a:1|ferris://a:1,b:2",
        "ferris://[::1]:7002, 10.0.0.1|ferris://[::1]:7002,10.0.0.1:7001",
        "ferris://h:7001/|ferris://h:7001",
        "ferris://h?network=outside|ferris://h:7001?network=outside"
      })
  void uris_are_read(String text, String normal) {
    assertThat(FerrisUri.parse(text)).hasToString(normal);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "localhost:7001|it does not begin with ferris://",
        "http://localhost|it does not begin with ferris://",
        "ferris://|it names no address",
        "ferris:///|it names no address",
        "ferris://a,,b|an address is empty",
        "ferris://:7001|\":7001\" has no host",
        "ferris://a:|the port of \"a:\" is not a number from 1 to 65535",
        "ferris://a:0|the port of \"a:0\" is not a number from 1 to 65535",
        "ferris://a:70000|the port of \"a:70000\" is not a number from 1 to 65535",
        "ferris://a:b|the port of \"a:b\" is not a number from 1 to 65535",
        "ferris://::1|\"::1\" has several colons; an IPv6 address stands in brackets",
        "ferris://[::1|the bracket of \"[::1\" is not closed",
        "ferris://[::1]7001|the port of \"[::1]7001\" is not a number from 1 to 65535",
        "ferris://h?net=x|\"?net=x\" is not known, only ?network=NAME is",
        "ferris://h?network=X|a network's name is 1 to 32 small letters, digits and dashes, not \"X\"",
        "ferris://u@h|nothing but addresses and ?network= may follow ferris://",
        "ferris://h/db|nothing but addresses and ?network= may follow ferris://"
      })
  void uris_that_can_not_be_read_say_what_is_wrong(String text, String why) {
    assertThat(catchThrowableOfType(InvalidRequestException.class, () -> FerrisUri.parse(text)))
        .hasMessage(
            "cluster URI \"%s\": %s: write it like ferris://127.0.0.1:7001,127.0.0.1:7002 [FER-INVALID]"
                .formatted(text, why));
  }

  @Test
  void options_are_checked() {
    FerrisOptions defaults = FerrisOptions.defaults();

    assertThat(defaults.withDeadline(Duration.ofSeconds(1)).deadline())
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(defaults.withPage(5, 6).pageBytes()).isEqualTo(6);
    assertThatThrownBy(() -> defaults.withDeadline(Duration.ZERO))
        .hasMessageContaining("deadline must be from 1 ms to 5 min, is PT0S");
    assertThatThrownBy(() -> defaults.withMaxInFlight(0, 1, 1)).hasMessageContaining("maxInFlight");
    assertThatThrownBy(() -> defaults.withPage(0, 1)).hasMessageContaining("pageSize");
    assertThatThrownBy(() -> defaults.withName("x".repeat(101))).hasMessageContaining("name");
    assertThatThrownBy(() -> defaults.withNodeSilence(Duration.ZERO))
        .hasMessageContaining("nodeSilence");
    assertThatThrownBy(() -> defaults.withConnectTimeout(Duration.ofHours(1)))
        .hasMessageContaining("connectTimeout");
  }

  @Test
  void ranges_and_batches_that_make_no_sense_are_refused() {
    assertThatThrownBy(() -> KeyRange.of(utf8("b"), utf8("a")))
        .hasMessageContaining("swap the two");
    assertThatThrownBy(() -> Batch.builder().build()).hasMessageContaining("without a change");
    assertThatThrownBy(() -> Batch.builder().put(utf8("a"), utf8("1")).delete(utf8("a")))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> Batch.builder().delete(Bytes.empty()))
        .hasMessageContaining("empty key");
    assertThat(new KeyRange(utf8("a"), Optional.empty()).contains(utf8("b"))).isTrue();
    assertThat(KeyRange.until(utf8("b")).contains(utf8("b"))).isFalse();
  }
}

package org.ferrisdb.node.cli.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RecordFormatTest {
  @Test
  void tsvEscapesTabNewlineCarriageReturnAndBackslashAndNothingElse() throws IOException {
    assertThat(write(RecordFormat.TSV, "k\tk", "a\tb\nc\rd\\e äöü \u0001", false))
        .isEqualTo("k\\tk\ta\\tb\\nc\\rd\\\\e äöü \u0001\n");
  }

  @Test
  void asciiTsvShowsEveryOtherByteAsHex() throws IOException {
    assertThat(write(RecordFormat.TSV, "k", "\u0000ä\u007f~", true))
        .isEqualTo("k\t\\x00\\xc3\\xa4\\x7f~\n");
  }

  @Test
  void jsonLinesUseStringsForUtf8AndBase64ForTheRest() throws IOException {
    assertThat(write(RecordFormat.JSONL, "k", "a\"b\n ä", false))
        .isEqualTo("{\"key\":\"k\",\"value\":\"a\\\"b\\n ä\"}\n");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RecordFormat.JSONL.write(bytes("k"), new byte[] {(byte) 0xff, 0}, false, out);
    assertThat(out.toString(UTF_8)).isEqualTo("{\"key\":\"k\",\"value_base64\":\"/wA=\"}\n");
  }

  @ParameterizedTest
  @EnumSource(RecordFormat.class)
  void anyBytesSurviveTheRoundTrip(RecordFormat format) throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<KeyValue> records = new ArrayList<>();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    boolean ascii = format != RecordFormat.RAW && random.nextBoolean();
    for (int i = 0; i < 2_000; i++) {
      KeyValue record =
          new KeyValue(
              randomBytes(random, format, 1 + random.nextInt(40)),
              randomBytes(random, format, random.nextInt(i % 100 == 0 ? 300_000 : 60)));
      records.add(record);
      format.write(record.key(), record.value(), ascii, file);
    }
    List<KeyValue> read = new ArrayList<>();
    try (LineReader lines = new LineReader(new ByteArrayInputStream(file.toByteArray()))) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        read.add(format.read(line, lines.number()));
      }
    }
    assertThat(read).as("seed %d", seed).isEqualTo(records);
  }

  @Test
  void everyTsvLineThatIsAcceptedWithoutHexIsWrittenBackUnchanged() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String alphabet = "ab\\\\tnr\t\r ä\u0001\"";
    int accepted = 0;
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder("k\t");
      for (int j = random.nextInt(8); j > 0; j--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      byte[] line = bytes(text.toString());
      KeyValue record = readOrNull(line);
      if (record != null) {
        accepted++;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
          RecordFormat.TSV.write(record.key(), record.value(), false, out);
        } catch (IOException e) {
          throw new AssertionError(e);
        }
        assertThat(out.toString(UTF_8)).as("seed %d", seed).isEqualTo(text + "\n");
      }
    }
    assertThat(accepted).isGreaterThan(1_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          TSV   | no tab                       | no tab between key and value
          TSV   | <TAB>value                   | the key is empty
          TSV   | k<TAB>a<TAB>b                | a second tab
          TSV   | k<TAB>a<CR>b                 | a bare carriage return
          TSV   | k<TAB>a\\o                   | a backslash that begins none of
          TSV   | k<TAB>a\\                    | a backslash that begins none of
          TSV   | k<TAB>a\\x1                  | a backslash that begins none of
          TSV   | k<TAB>a\\xg0                 | a backslash that begins none of
          RAW   | no tab                       | no tab between key and value
          JSONL | {"key":"k"}                  | exactly one of value and value_base64
          JSONL | {"key":"k","value":1}        | value is not a string
          JSONL | {"key":"","value":""}        | the key is empty
          JSONL | {"key":"k","value":"","x":1} | members besides
          JSONL | {"key":"k","value":""} x     | not a JSON object
          JSONL | []                           | not one JSON object
          JSONL | {"key":"\\ud800","value":""} | not a JSON object
          JSONL | {"key":"k","value_base64":"*"} | value is not well-formed
          """)
  void aMalformedLineIsNamedWithItsReason(RecordFormat format, String line, String reason) {
    String text = line.replace("<TAB>", "\t").replace("<CR>", "\r");
    assertThatThrownBy(() -> format.read(bytes(text), 17))
        .isInstanceOf(MalformedLineException.class)
        .hasMessageStartingWith("line 17: ")
        .hasMessageContaining(reason);
  }

  @Test
  void rawRefusesWhatItCanNotTellApart() {
    assertThatThrownBy(() ->
            RecordFormat.RAW.write(bytes("a\tb"), bytes("v"), false, new ByteArrayOutputStream()))
        .hasMessageContaining("a\\tb");
  }

  @Test
  void aLineLongerThanTheLimitIsRefused() {
    byte[] line = new byte[LineReader.MAX_LINE_BYTES + 1];
    Arrays.fill(line, (byte) 'x');
    LineReader lines = new LineReader(new ByteArrayInputStream(line));
    assertThatThrownBy(lines::next).hasMessageStartingWith("line 1: longer than");
  }

  @Test
  void printableTextNeverHoldsControlCharacters() {
    assertThat(Printable.of(bytes("plain ä"))).isEqualTo("plain ä");
    assertThat(Printable.of(bytes("a\u001b[2Jb"))).isEqualTo("a\\x1b[2Jb");
    assertThat(Printable.of(new byte[] {(byte) 0xff, 'a'})).isEqualTo("\\xffa");
  }

  private static @Nullable KeyValue readOrNull(byte[] line) {
    try {
      return RecordFormat.TSV.read(line, 1);
    } catch (MalformedLineException e) {
      return null;
    }
  }

  private static String write(RecordFormat format, String key, String value, boolean ascii)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    format.write(bytes(key), bytes(value), ascii, out);
    return out.toString(UTF_8);
  }

  private static byte[] randomBytes(Random random, RecordFormat format, int length) {
    byte[] bytes =
        switch (random.nextInt(3)) {
          case 0 -> "\\\t\n\r\\xtnr 'äöü€".repeat(length).substring(0, length).getBytes(UTF_8);
          case 1 -> "plain text".repeat(length).substring(0, length).getBytes(ISO_8859_1);
          default -> {
            byte[] any = new byte[length];
            random.nextBytes(any);
            yield any;
          }
        };
    if (format == RecordFormat.RAW) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = bytes[i] == '\n' || bytes[i] == '\t' ? (byte) '.' : bytes[i];
      }
    }
    return bytes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}

package io.carrick.crossing;

import java.util.ArrayList;
import java.util.List;

/**
 * A list of names in one text, with commas between them; a comma of a name is {@code %2C}, and a
 * percent sign {@code %25}. Confined to the calling thread.
 */
final class NameList {

  private final StringBuilder text = new StringBuilder();
  private boolean empty = true;

  void add(String name, String with) {
    if (!empty) {
      text.append(',');
    }
    empty = false;
    boolean plain = name.indexOf(',') < 0 && name.indexOf('%') < 0;
    text.append(plain ? name : name.replace("%", "%25").replace(",", "%2C")).append(with);
  }

  boolean isEmpty() {
    return empty;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  /** Returns the elements of such a text. */
  static List<String> split(String list) {
    var names = new ArrayList<String>();
    int start = 0;
    for (int end = list.indexOf(','); end >= 0; end = list.indexOf(',', start)) {
      names.add(list.substring(start, end));
      start = end + 1;
    }
    names.add(list.substring(start));
    return names;
  }

  /** Returns the name that an element is, but for what was added to it. */
  static String name(String element) {
    return element.indexOf('%') < 0 ? element : element.replace("%2C", ",").replace("%25", "%");
  }
}

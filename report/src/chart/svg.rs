//! What plotters draws, as elements of an SVG: those that charts are made of, lines, paths, areas and upright
//! texts, straight into one text.
//!
//! A path of a daily year is some hundred points: they are written as they come, with no text of their own.

use std::fmt::Error;
use std::fmt::Write as _;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// What an element that is drawn returns.
type Drawn = Result<(), DrawingErrorKind<Error>>;

/// A size of type as plotters has it is so much more than that of an em.
const OF_AN_EM: f64 = 1.24;

/// A picture as it is drawn.
pub(super) struct Svg<'a> {
    /// Its elements.
    pub(super) out: &'a mut String,
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// What stands for a text that is only a mark: markup.
    pub(super) meant: &'a dyn Fn(&str) -> Option<String>,
}

impl Svg<'_> {
    fn write(&mut self, element: std::fmt::Arguments<'_>) -> Drawn {
        self.out.write_fmt(element).map_err(DrawingErrorKind::DrawingError)
    }

    fn points(&mut self, points: impl IntoIterator<Item = BackendCoord>) {
        self.out.push_str("points=\"");
        let mut digits = itoa::Buffer::new();
        for (x, y) in points {
            self.out.push_str(digits.format(x));
            self.out.push(',');
            self.out.push_str(digits.format(y));
            self.out.push(' ');
        }
        self.out.push_str("\"/>\n");
    }
}

fn hex(colour: BackendColor) -> String {
    let (red, green, blue) = colour.rgb;
    format!("#{red:02X}{green:02X}{blue:02X}")
}

impl DrawingBackend for Svg<'_> {
    type ErrorType = Error;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        let (alpha, fill) = (colour.alpha, hex(colour));
        self.write(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"1\" height=\"1\" stroke=\"none\" opacity=\"{alpha}\" fill=\"{fill}\"/>\n"
        ))
    }

    fn draw_line<S: BackendStyle>(&mut self, (x1, y1): BackendCoord, (x2, y2): BackendCoord, style: &S) -> Drawn {
        let (alpha, width) = (style.color().alpha, style.stroke_width());
        if alpha == 0.0 {
            return Ok(());
        }
        let stroke = hex(style.color());
        self.write(format_args!(
            "<line opacity=\"{alpha}\" stroke=\"{stroke}\" stroke-width=\"{width}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>\n"
        ))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let (alpha, width) = (style.color().alpha, style.stroke_width());
        if alpha == 0.0 {
            return Ok(());
        }
        let stroke = hex(style.color());
        self.write(format_args!(
            "<polyline fill=\"none\" opacity=\"{alpha}\" stroke=\"{stroke}\" stroke-width=\"{width}\" "
        ))?;
        self.points(path);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, around: I, style: &S) -> Drawn {
        let alpha = style.color().alpha;
        if alpha == 0.0 {
            return Ok(());
        }
        let fill = hex(style.color());
        self.write(format_args!("<polygon opacity=\"{alpha}\" fill=\"{fill}\" "))?;
        self.points(around);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        let colour = style.color();
        if colour.alpha == 0.0 {
            return Ok(());
        }
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Right => "end",
            HPos::Center => "middle",
        };
        let down = match style.anchor().v_pos {
            VPos::Top => "0.76em",
            VPos::Center => "0.5ex",
            VPos::Bottom => "-0.5ex",
        };
        let (family, size) = (style.family(), style.size() / OF_AN_EM);
        let family = family.as_str();
        let (alpha, fill) = (colour.alpha, hex(colour));
        self.write(format_args!(
            "<text x=\"{x}\" y=\"{y}\" dy=\"{down}\" text-anchor=\"{anchor}\" font-family=\"{family}\" font-size=\"{size}\" opacity=\"{alpha}\" fill=\"{fill}\">\n"
        ))?;
        match (self.meant)(text) {
            Some(markup) => self.out.push_str(&markup),
            None => escape(self.out, text),
        }
        self.out.push_str("\n</text>\n");
        Ok(())
    }
}

fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
}

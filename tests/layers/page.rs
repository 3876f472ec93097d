//! Reads `docs/layers.md`: a section for each code base, with a numbered list of layers from top to bottom.

use super::PAGE;

/// The layers of one code base.
#[derive(Debug)]
pub(crate) struct Section {
    /// The folder that the heading names, such as `crates/capi/src`.
    pub(crate) code_base: String,
    /// The line of the heading in the page.
    pub(crate) line: usize,
    /// From top to bottom.
    pub(crate) layers: Vec<Layer>,
}

/// One item of a numbered list.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) line: usize,
    /// File stems such as `http` or `auth/state`, and folders such as `pull/`.
    pub(crate) modules: Vec<String>,
}

/// Reads the page. A code base is a heading of level 2; the modules of a layer are the code spans before its colon.
pub(crate) fn parse(text: &str) -> Result<Vec<Section>, String> {
    let mut sections: Vec<Section> = Vec::new();
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line)).peekable();
    while let Some((number, line)) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            let code_base = heading.trim().to_owned();
            if sections.iter().any(|section| section.code_base == code_base) {
                return Err(format!("{PAGE}:{number}: {code_base} has two sections"));
            }
            sections.push(Section { code_base, line: number, layers: Vec::new() });
            continue;
        }
        let Some(item) = list_item(line) else {
            continue;
        };
        let mut item = item.to_owned();
        while let Some((_, more)) = lines.next_if(|(_, line)| line.starts_with(' ')) {
            item.push(' ');
            item.push_str(more.trim());
        }
        let section = sections
            .last_mut()
            .ok_or_else(|| format!("{PAGE}:{number}: a layer comes before any heading"))?;
        let (names, _) = item
            .split_once(':')
            .ok_or_else(|| format!("{PAGE}:{number}: write the modules, a colon, and what the layer does"))?;
        let modules: Vec<String> = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        if modules.is_empty() {
            return Err(format!("{PAGE}:{number}: the layer names no module"));
        }
        section.layers.push(Layer { line: number, modules });
    }
    Ok(sections)
}

/// The text of an item such as `12. text`.
fn list_item(line: &str) -> Option<&str> {
    let (number, text) = line.split_once(". ")?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

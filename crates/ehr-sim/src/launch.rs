//! The EHR's own pages: the patient list with launch buttons, and the launch with or without a frame.

use std::fmt::Write as _;

use crate::{
    auth,
    http::{Reply, Request, escape, with_query},
    options::LaunchOptions,
    records::display_name,
    world::World,
};

pub(crate) fn start_page(world: &World) -> Reply {
    let mut page = format!(
        "<p>Personality {}, FHIR {}, base <code>{}</code></p>\n",
        world.options.personality.as_str(),
        world.options.fhir.as_str(),
        escape(&world.iss())
    );
    let apps = &world.options.app_launch_urls;
    if apps.is_empty() {
        page.push_str("<p>No application is registered: start with <code>--app-launch-url URL</code>.</p>\n");
    }
    page.push_str(
        "<table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Born</th><th scope=\"col\">MRN</th>\
         <th scope=\"col\">Id</th><th scope=\"col\">Launch</th></tr></thead><tbody>\n",
    );
    for patient in world.records().patients() {
        let name = display_name(&patient.value);
        let mut buttons = String::new();
        for (number, app) in apps.iter().enumerate() {
            let _ = write!(
                buttons,
                "<form method=\"get\" action=\"/launch\"><input type=\"hidden\" name=\"patient\" value=\"{}\">\
                 <input type=\"hidden\" name=\"app\" value=\"{number}\">\
                 <button title=\"{}\" aria-label=\"Launch {} for {}\">Launch</button>\
                 <button name=\"frame\" value=\"1\">In a frame</button></form>",
                escape(&patient.id),
                escape(app),
                escape(app),
                escape(&name),
            );
        }
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{buttons}</td></tr>",
            escape(&name),
            escape(patient.value["birthDate"].as_str().unwrap_or("")),
            escape(world.mrn(patient).unwrap_or("")),
            escape(&patient.id),
        );
    }
    page.push_str("</tbody></table>");
    Reply::html(200, "Patients", &page)
}

pub(crate) fn launch(world: &World, request: &Request) -> Reply {
    let form = request.query_form();
    let records = world.records();
    let Some(patient) = form.get("patient").and_then(|id| records.get("Patient", id)) else {
        return Reply::html(404, "Launch", "<p>There is no such patient.</p>");
    };
    let number: usize = form.get("app").unwrap_or("0").parse().unwrap_or(usize::MAX);
    let Some(app) = world.options.app_launch_urls.get(number) else {
        return Reply::html(
            404,
            "Launch",
            "<p>There is no such application: start with <code>--app-launch-url URL</code>.</p>",
        );
    };
    let launch = auth::new_launch(
        world,
        &LaunchOptions {
            patient: patient.id.clone(),
            encounter: form.get("encounter").map(str::to_owned),
            user: form.get("user").map(str::to_owned),
            need_patient_banner: form.get("banner") == Some("1"),
        },
    );
    let target = with_query(app, &[("iss", &world.iss()), ("launch", &launch)]);
    if form.get("frame") != Some("1") {
        return Reply::redirect(302, &target);
    }
    let name = display_name(&patient.value);
    Reply::html(
        200,
        &name,
        &format!(
            "<p>Born {}, MRN {}. <a href=\"/\">All patients</a></p>\n<iframe title=\"Application\" src=\"{}\"></iframe>",
            escape(patient.value["birthDate"].as_str().unwrap_or("unknown")),
            escape(world.mrn(patient).unwrap_or("unknown")),
            escape(&target)
        ),
    )
}

/// What `smart_style_url` of the token answer leads to.
pub(crate) fn style() -> Reply {
    Reply::json(
        200,
        &serde_json::json!({
            "color_background": "#ffffff", "color_text": "#1b1b1b", "color_highlight": "#224444",
            "dim_font_size": "16px", "font_family_body": "system-ui, sans-serif",
        }),
    )
}
